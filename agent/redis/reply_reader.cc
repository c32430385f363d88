#include "redis/reply_reader.h"

#include <hiredis/hiredis.h>

#include <string>

namespace streamgauge {
namespace {

// hiredis wants a pointer for each value; positions on the tape serve, from 1, as null means
// "out of memory".
void* ToObject(std::size_t position) { return reinterpret_cast<void*>(position + 1); }
std::size_t ToPosition(const void* object) { return reinterpret_cast<std::uintptr_t>(object) - 1; }

ReplyTape& TapeOf(const redisReadTask* task) { return *static_cast<ReplyTape*>(task->privdata); }

std::size_t DepthOf(const redisReadTask* task) {
  std::size_t depth = 0;
  for (const redisReadTask* at = task->parent; at != nullptr; at = at->parent) ++depth;
  return depth;
}

void* Added(const redisReadTask* task, std::size_t position) {
  for (const redisReadTask* at = task->parent; at != nullptr; at = at->parent) {
    TapeOf(task).Extend(ToPosition(at->obj));
  }
  return ToObject(position);
}

void* CreateString(const redisReadTask* task, char* text, std::size_t size) {
  constexpr std::size_t kVerbatimPrefix = 4;  // "txt:"
  const ReplyKind kind = task->type == REDIS_REPLY_ERROR ? ReplyKind::kError : ReplyKind::kText;
  std::string_view value(text, size);
  if (task->type == REDIS_REPLY_VERB && size >= kVerbatimPrefix) {
    value.remove_prefix(kVerbatimPrefix);
  }
  return Added(task, TapeOf(task).AppendText(kind, value, DepthOf(task)));
}

void* CreateArray(const redisReadTask* task, std::size_t children) {
  return Added(task, TapeOf(task).AppendArray(children));
}

void* CreateInteger(const redisReadTask* task, long long value) {
  return Added(task, TapeOf(task).AppendInteger(value));
}

void* CreateDouble(const redisReadTask* task, double, char* text, std::size_t size) {
  return Added(task, TapeOf(task).AppendText(ReplyKind::kText, {text, size}, DepthOf(task)));
}

void* CreateNil(const redisReadTask* task) { return Added(task, TapeOf(task).AppendNil()); }

void* CreateBool(const redisReadTask* task, int value) {
  return Added(task, TapeOf(task).AppendInteger(value));
}

void FreeNothing(void*) {}  // the tape owns everything

redisReplyObjectFunctions functions = {CreateString, CreateArray, CreateInteger, CreateDouble,
                                       CreateNil,    CreateBool,  FreeNothing};

Error Unreadable(std::string_view why) {
  return Error{Reason::kBadReply, "the reply cannot be read: " + std::string(why)};
}

}  // namespace

struct ReplyReader::Parser {
  explicit Parser(std::size_t max_bytes)
      : max_reply_bytes(max_bytes), reader(redisReaderCreateWithFunctions(&functions)) {
    reader->privdata = &tape;
  }
  ~Parser() { redisReaderFree(reader); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  const std::size_t max_reply_bytes;
  ReplyTape tape;
  redisReader* const reader;
  bool in_reply = false;
  std::size_t incomplete_bytes = 0;  // fed since the last whole reply
};

ReplyReader::ReplyReader(std::size_t max_reply_bytes)
    : parser_(std::make_unique<Parser>(max_reply_bytes)) {}
ReplyReader::~ReplyReader() = default;

Result<void> ReplyReader::Feed(std::string_view bytes) {
  parser_->incomplete_bytes += bytes.size();
  if (parser_->incomplete_bytes > parser_->max_reply_bytes) {
    return std::unexpected(
        Unreadable("it is larger than " + std::to_string(parser_->max_reply_bytes >> 20) + " MiB"));
  }
  if (redisReaderFeed(parser_->reader, bytes.data(), bytes.size()) != REDIS_OK) {
    return std::unexpected(Unreadable(parser_->reader->errstr));
  }
  return {};
}

Result<std::optional<Reply>> ReplyReader::Next(std::size_t keep_depth) {
  if (!parser_->in_reply) {
    parser_->tape.Clear();
    parser_->tape.set_keep_depth(keep_depth);
    parser_->in_reply = true;
  }
  void* object = nullptr;
  if (redisReaderGetReply(parser_->reader, &object) != REDIS_OK) {
    return std::unexpected(Unreadable(parser_->reader->errstr));
  }
  if (object == nullptr) return std::nullopt;
  parser_->in_reply = false;
  parser_->incomplete_bytes = parser_->reader->len - parser_->reader->pos;
  return Reply(parser_->tape, ToPosition(object));
}

}  // namespace streamgauge
