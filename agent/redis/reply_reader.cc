#include "redis/reply_reader.h"

#include <hiredis/hiredis.h>

#include <new>
#include <string>

namespace streamgauge {
namespace {

// hiredis wants a pointer for each value; positions on the tape serve, from 1, as null means
// "out of memory".
void* ToObject(std::size_t position) { return reinterpret_cast<void*>(position + 1); }
std::size_t ToPosition(const void* object) { return reinterpret_cast<std::uintptr_t>(object) - 1; }

// The deepest reply that we ask for, EXEC with an entry of XINFO STREAM, has its payloads at 4.
// Every value looks at its ancestors: without a limit, nested arrays of a few hundred kilobytes
// would keep us busy for minutes.
constexpr std::size_t kMaxDepth = 8;

// What a reply is made into. Lives as long as its reader.
struct Target {
  ReplyTape tape;
  std::string_view refusal;  // why we, not the parser, do not take it
  bool pushed = false;       // nobody asked for it
};

Target& TargetOf(const redisReadTask* task) { return *static_cast<Target*>(task->privdata); }

std::size_t DepthOf(const redisReadTask* task) {
  std::size_t depth = 0;
  for (const redisReadTask* at = task->parent; at != nullptr; at = at->parent) ++depth;
  return depth;
}

// Null makes the parser give up.
void* Refuse(const redisReadTask* task, std::string_view why) {
  TargetOf(task).refusal = why;
  return nullptr;
}

// Appends what `append` appends, unless it is too deep to be kept or more than we take.
template <typename Append>
void* Add(const redisReadTask* task, std::size_t text_size, Append append) {
  ReplyTape& tape = TargetOf(task).tape;
  const std::size_t depth = DepthOf(task);
  if (depth > kMaxDepth) return Refuse(task, "it is nested too deeply");
  if (!tape.Keeps(depth)) {
    tape.Drop(text_size);
    return ToObject(0);  // of no use to anybody: what is below is dropped as well
  }
  if (tape.full()) return Refuse(task, "it has too many values");
  try {
    const std::size_t position = append(tape);
    for (const redisReadTask* at = task->parent; at != nullptr; at = at->parent) {
      tape.Extend(ToPosition(at->obj));
    }
    return ToObject(position);
  } catch (const std::bad_alloc&) {  // it must not pass through the parser, which is C
    return Refuse(task, "out of memory");
  }
}

void* CreateString(const redisReadTask* task, char* text, std::size_t size) {
  constexpr std::size_t kVerbatimPrefix = 4;  // "txt:"
  const ReplyKind kind = task->type == REDIS_REPLY_ERROR ? ReplyKind::kError : ReplyKind::kText;
  std::string_view value(text, size);
  if (task->type == REDIS_REPLY_VERB && size >= kVerbatimPrefix) {
    value.remove_prefix(kVerbatimPrefix);
  }
  return Add(task, size, [&](ReplyTape& tape) { return tape.AppendText(kind, value); });
}

void* CreateArray(const redisReadTask* task, std::size_t children) {
  if (task->parent == nullptr) TargetOf(task).pushed = task->type == REDIS_REPLY_PUSH;
  return Add(task, 0, [&](ReplyTape& tape) { return tape.AppendArray(children); });
}

void* CreateInteger(const redisReadTask* task, long long value) {
  return Add(task, 0, [&](ReplyTape& tape) { return tape.AppendInteger(value); });
}

void* CreateDouble(const redisReadTask* task, double, char* text, std::size_t size) {
  return Add(task, size,
             [&](ReplyTape& tape) { return tape.AppendText(ReplyKind::kText, {text, size}); });
}

void* CreateNil(const redisReadTask* task) {
  return Add(task, 0, [](ReplyTape& tape) { return tape.AppendNil(); });
}

void* CreateBool(const redisReadTask* task, int value) { return CreateInteger(task, value); }

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
    reader->privdata = &target;
  }
  ~Parser() { redisReaderFree(reader); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  const std::size_t max_reply_bytes;
  Target target;
  redisReader* const reader;
  // A part of a reply has been parsed.
  bool HasBegun() const { return reader->ridx >= 0 && reader->task[0]->type >= 0; }

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
  Target& target = parser_->target;
  for (;;) {
    if (!parser_->HasBegun()) {
      target.tape.Clear();
      target.tape.set_keep_depth(keep_depth);
      target.pushed = false;
    }
    void* object = nullptr;
    if (redisReaderGetReply(parser_->reader, &object) != REDIS_OK) {
      return std::unexpected(
          Unreadable(target.refusal.empty() ? parser_->reader->errstr : target.refusal));
    }
    if (object == nullptr) return std::nullopt;
    parser_->incomplete_bytes = parser_->reader->len - parser_->reader->pos;
    if (!target.pushed) return Reply(target.tape, ToPosition(object));
  }
}

bool ReplyReader::IsIdle() const {
  if (!parser_->HasBegun()) return parser_->reader->len == parser_->reader->pos;
  return parser_->reader->task[0]->type == REDIS_REPLY_PUSH;
}

std::size_t ReplyReader::incomplete_bytes() const { return parser_->incomplete_bytes; }

}  // namespace streamgauge
