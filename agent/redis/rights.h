// What polls of a Redis need to be allowed to do, and how that is tried: the one table that
// docs/redis.md and `streamgauge check` show. Used by the source's thread.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "model/access.h"
#include "model/error.h"
#include "redis/command_batch.h"
#include "redis/connection.h"

namespace streamgauge {

struct Right {
  Request request;
  Need need;
  std::string_view command;  // as people write it
  std::string_view lost;     // what is missing without it
};

// In the order in which they are shown.
std::span<const Right> Rights();
// False for what this target's configuration gives no reason to ask.
bool IsNeeded(const Right& right, const RedisTargetConfig& config);

struct RightsQuestion {
  const RedisTargetConfig& config;
  std::span<const std::string> names;  // streams that were found
  int server_major = 0;                // 0: unknown
};

// Tries all that `config` gives reason to ask, on keys that need not exist: servers look at rights
// before they look for a key. The connection is of no use afterwards.
Result<AccessReport> TryRights(Connection& connection, const RightsQuestion& question,
                               std::stop_token stop);

// Behind a server's words that it does not know SENTINEL.
inline constexpr std::string_view kIsItASentinel = "; is it a sentinel? Their usual port is 26379";

// What a sentinel is asked for.
std::span<const Right> SentinelRights();
// The same of a sentinel: whether it may be asked, and knows the primary. What works tells which
// one that is.
Result<AccessReport> TrySentinelRights(Connection& connection, const SentinelConfig& config,
                                       std::stop_token stop);

// Why there is no connection with a server: a check that nothing else can follow. Where it does not
// know the user, or the password, `words` are what the user needs besides.
AccessReport CannotConnect(const Error& error, const RedisAddress& address,
                           const std::string& username, const std::vector<std::string>& words);
// The words that grant all that the target needs; of an unknown version those that all take.
std::vector<std::string> NeededWords(const RedisTargetConfig& config, int server_major);
std::vector<std::string> NeededWordsOfSentinel();

// What redis-cli takes as one word.
std::string QuotedForCli(std::string_view word);

}  // namespace streamgauge
