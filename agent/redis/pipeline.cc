#include "redis/pipeline.h"

#include <utility>

namespace streamgauge {

Result<void> Pipeline::MakeRoom(std::size_t commands, std::uint64_t reply_bytes) {
  const bool fits = batch_.size() + commands <= kMaxCommands && batch_.wire().size() < kMaxBytes &&
                    reply_bytes_ + reply_bytes <= kMaxReplyBytes;
  Result<void> room;
  if (!fits) room = Flush();
  reply_bytes_ += reply_bytes;
  return room;
}

void Pipeline::Add(Request request, std::initializer_list<std::string_view> words,
                   std::size_t keep_depth, OnReply on_reply) {
  batch_.Add(request, words, keep_depth);
  handlers_.push_back(std::move(on_reply));
}

Result<void> Pipeline::Flush() {
  if (batch_.empty()) return {};
  const auto exchanged = connection_.Exchange(
      batch_, [this](std::size_t command, const Reply& reply) { handlers_[command](reply); },
      stop_);
  batch_.Clear();
  handlers_.clear();
  reply_bytes_ = 0;
  return exchanged;
}

}  // namespace streamgauge
