// Whatever bytes a server sends: the reader cuts them into the same replies however they arrive,
// holds no more than it was allowed, and every parser takes every reply or refuses it.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzzer.h"
#include "redis/parse.h"
#include "redis/reply_reader.h"

namespace streamgauge {
namespace {

using test::Require;

constexpr std::size_t kMaxReplyBytes = std::size_t{1} << 20;
constexpr std::size_t kKeepAll = 100;
constexpr int kMostReplies = 50;

void Render(const Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.kind())) + ' ';
  if (const auto number = reply.integer()) out += std::to_string(*number);
  out += '"' + std::string(reply.text()) + "\"(";
  std::size_t children = 0;
  for (const Reply child : reply) {
    Render(child, out);
    ++children;
  }
  Require(children <= reply.size(), "a value has no more children than it says");
  out += ')';
}

// The replies of `bytes`, fed `step` at a time, and how it ended.
std::vector<std::string> RepliesOf(std::string_view bytes, std::size_t step, std::size_t keep) {
  ReplyReader reader(kMaxReplyBytes);
  std::vector<std::string> replies;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    if (!reader.Feed(bytes.substr(at, step))) return replies;
    for (int i = 0; i < kMostReplies; ++i) {
      const auto reply = reader.Next(keep);
      if (!reply) {
        replies.push_back("error");
        return replies;
      }
      if (!*reply) break;
      Render(**reply, replies.emplace_back());
    }
  }
  return replies;
}

bool IsWithin(std::string_view part, std::string_view whole) {
  return whole.find(part) != std::string_view::npos;
}

void ParseStreamReplies(const Reply& reply, std::string_view bytes) {
  if (const auto stream = ParseStream(reply)) {
    Require(stream->length == 0 || (stream->first && stream->last),
            "a stream with entries has a first and a last one");
  }
  if (const auto groups = ParseGroups(reply)) {
    Require(groups->size() <= reply.size(), "no group is made up");
    for (const NamedGroup& group : *groups) Require(IsWithin(group.name, bytes), "names are sent");
  }
  if (const auto consumers = ParseConsumers(reply)) {
    Require(consumers->size() <= reply.size(), "no consumer is made up");
    for (const ConsumerFacts& one : *consumers)
      Require(IsWithin(one.name, bytes), "names are sent");
  }
  if (const auto range = ParseRange(reply)) {
    Require(range->count <= reply.size(), "no entry is made up");
  }
  (void)ParseOldestPending(reply);
  (void)ParsePendingRange(reply);
  (void)ParseTime(reply);
}

// As a poll does: replies of the stream commands, some of them within EXEC.
void ParseAll(std::string_view bytes, std::size_t keep) {
  ReplyReader reader(kMaxReplyBytes);
  if (!reader.Feed(bytes)) return;
  for (int i = 0; i < kMostReplies; ++i) {
    const auto reply = reader.Next(keep);
    if (!reply || !*reply) return;
    ParseStreamReplies(**reply, bytes);
    for (const Reply part : **reply) ParseStreamReplies(part, bytes);
  }
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(redis_reply) {
  using namespace streamgauge;
  test::Pieces pieces(input);
  const std::size_t step = 1 + pieces.Below(13);
  const std::string_view bytes = pieces.rest();
  test::Require(RepliesOf(bytes, bytes.size() + 1, kKeepAll) == RepliesOf(bytes, step, kKeepAll),
                "replies do not depend on how their bytes arrive");
  for (const std::size_t keep : {kKeepAll, kExecDepth, kStreamDepth, std::size_t{0}}) {
    ParseAll(bytes, keep);
  }
}
