// A plain, synchronous Redis client for tests: hiredis with replies as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct redisContext;
struct redisReply;

namespace streamgauge::test {

struct RedisReply {
  enum class Kind : std::uint8_t { kNil, kInteger, kText, kError, kArray };
  Kind kind = Kind::kNil;
  long long integer = 0;
  std::string text;  // of kText (strings, statuses, doubles) and kError
  std::vector<RedisReply> elements;

  bool IsNil() const { return kind == Kind::kNil; }
  bool IsError() const { return kind == Kind::kError; }
  // The value after `name` in an array of names and values (XINFO); throws when it is not there.
  const RedisReply& Field(const std::string& name) const;
  const RedisReply& operator[](std::size_t index) const { return elements.at(index); }
};

using RedisCommand = std::vector<std::string>;

// One connection; not thread-safe. Every method throws std::runtime_error when the connection
// fails; it is made anew by the next call.
class RedisClient {
 public:
  explicit RedisClient(std::uint16_t port,
                       std::chrono::milliseconds timeout = std::chrono::seconds(10));
  ~RedisClient();
  RedisClient(RedisClient&&) noexcept;
  RedisClient& operator=(RedisClient&&) noexcept;

  // Throws std::runtime_error on an error reply, too.
  RedisReply Command(const RedisCommand& command);
  // An error reply is a value.
  RedisReply TryCommand(const RedisCommand& command);
  // All of them in one round trip; error replies are values.
  std::vector<RedisReply> Pipeline(const std::vector<RedisCommand>& commands);

 private:
  struct Disconnect {
    void operator()(redisContext* context) const;
  };
  void Connect();
  void Append(const RedisCommand& command);
  RedisReply Receive();
  [[noreturn]] void Fail(const std::string& what);

  std::uint16_t port_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<redisContext, Disconnect> context_;
};

}  // namespace streamgauge::test
