// A reply as a server sends it, parsed and kept alive.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "redis/reply_reader.h"

namespace streamgauge {

struct Recorded {
  explicit Recorded(std::string_view bytes, std::size_t keep_depth = 100) : reader(1 << 20) {
    EXPECT_TRUE(reader.Feed(bytes));
    reply = **reader.Next(keep_depth);
  }
  ReplyReader reader;
  std::optional<Reply> reply;
};

}  // namespace streamgauge
