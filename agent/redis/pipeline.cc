#include "redis/pipeline.h"

#include <utility>

namespace streamgauge {

Result<void> Pipeline::MakeRoom(std::size_t commands, std::uint64_t reply_bytes,
                                std::optional<std::uint32_t> about) {
  const bool fits = batch_.size() + commands <= kMaxCommands && batch_.wire().size() < kMaxBytes &&
                    reply_bytes_ + reply_bytes <= kMaxReplyBytes;
  Result<void> room;
  if (!fits) room = Flush();
  reply_bytes_ += reply_bytes;
  about_ = about;
  return room;
}

void Pipeline::Add(Request request, std::initializer_list<std::string_view> words,
                   std::size_t keep_depth, OnReply on_reply) {
  batch_.Add(request, words, keep_depth);
  waiting_.push_back({std::move(on_reply), about_});
}

Result<void> Pipeline::Flush() {
  if (batch_.empty()) return {};
  std::size_t answered = 0;
  const auto exchanged = connection_.Exchange(
      batch_,
      [this, &answered](std::size_t command, const Reply& reply) {
        answered = command + 1;
        waiting_[command].on_reply(reply);
      },
      stop_);
  unanswered_.reset();
  if (!exchanged && answered < waiting_.size()) unanswered_ = waiting_[answered].about;
  batch_.Clear();
  waiting_.clear();
  reply_bytes_ = 0;
  return exchanged;
}

}  // namespace streamgauge
