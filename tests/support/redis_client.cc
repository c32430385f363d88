#include "support/redis_client.h"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <stdexcept>

namespace streamgauge::test {
namespace {

RedisReply Copy(const redisReply& from) {
  RedisReply to;
  switch (from.type) {
    case REDIS_REPLY_NIL:
      break;
    case REDIS_REPLY_INTEGER:
    case REDIS_REPLY_BOOL:
      to.kind = RedisReply::Kind::kInteger;
      to.integer = from.integer;
      break;
    case REDIS_REPLY_ERROR:
      to.kind = RedisReply::Kind::kError;
      to.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
    case REDIS_REPLY_MAP:
    case REDIS_REPLY_SET:
    case REDIS_REPLY_PUSH:
      to.kind = RedisReply::Kind::kArray;
      for (std::size_t i = 0; i < from.elements; ++i) to.elements.push_back(Copy(*from.element[i]));
      break;
    default:  // strings, statuses, doubles
      to.kind = RedisReply::Kind::kText;
      to.text.assign(from.str, from.len);
      break;
  }
  return to;
}

timeval ToTimeval(std::chrono::milliseconds duration) {
  timeval value{};
  value.tv_sec = duration.count() / 1000;
  value.tv_usec = (duration.count() % 1000) * 1000;
  return value;
}

std::string Join(const RedisCommand& command) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + word;
  return line;
}

}  // namespace

const RedisReply& RedisReply::Field(const std::string& name) const {
  for (std::size_t i = 0; i + 1 < elements.size(); i += 2) {
    if (elements[i].text == name) return elements[i + 1];
  }
  throw std::runtime_error("the reply has no field " + name);
}

void RedisClient::Disconnect::operator()(redisContext* context) const { redisFree(context); }

RedisClient::RedisClient(std::uint16_t port, std::chrono::milliseconds timeout)
    : port_(port), timeout_(timeout) {}
RedisClient::~RedisClient() = default;
RedisClient::RedisClient(RedisClient&&) noexcept = default;
RedisClient& RedisClient::operator=(RedisClient&&) noexcept = default;

void RedisClient::Fail(const std::string& what) {
  context_.reset();
  throw std::runtime_error("redis on port " + std::to_string(port_) + ": " + what);
}

void RedisClient::Connect() {
  if (context_) return;
  context_.reset(redisConnectWithTimeout("127.0.0.1", port_, ToTimeval(timeout_)));
  if (!context_) Fail("out of memory");
  if (context_->err != 0) Fail(std::string(context_->errstr));
  redisSetTimeout(context_.get(), ToTimeval(timeout_));
}

void RedisClient::Append(const RedisCommand& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  const int count = static_cast<int>(words.size());
  if (redisAppendCommandArgv(context_.get(), count, words.data(), lengths.data()) != REDIS_OK) {
    Fail(std::string(context_->errstr));
  }
}

RedisReply RedisClient::Receive() {
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK) Fail(std::string(context_->errstr));
  const std::unique_ptr<void, decltype(&freeReplyObject)> reply(raw, freeReplyObject);
  return Copy(*static_cast<redisReply*>(raw));
}

RedisReply RedisClient::TryCommand(const RedisCommand& command) {
  return Pipeline({command}).front();
}

RedisReply RedisClient::Command(const RedisCommand& command) {
  RedisReply reply = TryCommand(command);
  if (reply.IsError()) throw std::runtime_error(Join(command) + ": " + reply.text);
  return reply;
}

std::vector<RedisReply> RedisClient::Pipeline(const std::vector<RedisCommand>& commands) {
  Connect();
  for (const RedisCommand& command : commands) Append(command);
  std::vector<RedisReply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) replies.push_back(Receive());
  return replies;
}

}  // namespace streamgauge::test
