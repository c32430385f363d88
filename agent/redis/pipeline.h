// Sends commands in bursts of a bounded size and hands each reply to whoever asked for it. A round
// trip serves some 250 commands: one by one they would cost six times the time. Where the replies
// are large it serves fewer: the server holds them in memory until we have read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "model/error.h"
#include "redis/command_batch.h"
#include "redis/connection.h"

namespace streamgauge {

class Pipeline {
 public:
  using OnReply = std::function<void(const Reply& reply)>;

  Pipeline(Connection& connection, std::stop_token stop) : connection_(connection), stop_(stop) {}

  // Makes sure that the next `commands` go in one burst; sends what is waiting if they do not fit.
  // `reply_bytes` is about how much they will bring, as far as that is more than the usual, and
  // `about` what they are about: a number of the caller's own.
  Result<void> MakeRoom(std::size_t commands, std::uint64_t reply_bytes = 0,
                        std::optional<std::uint32_t> about = std::nullopt);
  // Appends a command. REQUIRES: MakeRoom has been called for it.
  void Add(Request request, std::initializer_list<std::string_view> words, std::size_t keep_depth,
           OnReply on_reply);
  // Sends what is waiting, and returns when all of it was answered.
  Result<void> Flush();
  // After a failure: what the first command was about that was not answered.
  std::optional<std::uint32_t> unanswered() const { return unanswered_; }

 private:
  static constexpr std::size_t kMaxCommands = 250;
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 10;  // keys may be long
  static constexpr std::uint64_t kMaxReplyBytes = std::uint64_t{1} << 20;

  Connection& connection_;
  std::stop_token stop_;
  CommandBatch batch_;
  struct Waiting {
    OnReply on_reply;
    std::optional<std::uint32_t> about;
  };
  std::vector<Waiting> waiting_;  // one for each command of the batch
  std::optional<std::uint32_t> about_;
  std::optional<std::uint32_t> unanswered_;
  std::uint64_t reply_bytes_ = 0;  // that the waiting commands will bring, about
};

}  // namespace streamgauge
