// Cuts the bytes of a connection into replies (RESP2 and RESP3): hiredis' parser with our tape as
// its target. Owned by one connection, or by a test with recorded bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "model/error.h"
#include "redis/reply.h"

namespace streamgauge {

class ReplyReader {
 public:
  // A reply of more than `max_reply_bytes` is an error: what a server sends must not fill our
  // memory.
  explicit ReplyReader(std::size_t max_reply_bytes);
  ~ReplyReader();

  Result<void> Feed(std::string_view bytes);
  // The next whole reply, or empty when more bytes are needed. What a server pushes unasked (RESP3)
  // answers nothing and is passed over. Valid until the next call. Values
  // deeper than `keep_depth` are dropped; it must be the same for all calls about one reply.
  // kBadReply when the bytes are no RESP, or the reply is too large, nested too deeply or of too
  // many values; the reader is then of no use.
  Result<std::optional<Reply>> Next(std::size_t keep_depth);
  // True when nothing follows the last reply that was taken, but for what is pushed: all that has
  // come is answered for.
  bool IsIdle() const;
  // How much of a reply is there that is not whole yet.
  std::size_t incomplete_bytes() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace streamgauge
