#include "redis/rights.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <optional>
#include <utility>

#include "config/glob_sample.h"
#include "config/redis_url.h"
#include "redis/pipeline.h"
#include "redis/reply_error.h"

namespace streamgauge {
namespace {

constexpr auto kRights = std::to_array<Right>({
    {Request::kSelect, Need::kTarget, "SELECT", "the database of the address"},
    {Request::kTime, Need::kTarget, "TIME", "the server's clock, which all ages refer to"},
    {Request::kScan, Need::kTarget, "SCAN", "finding streams by pattern"},
    {Request::kMulti, Need::kTarget, "MULTI", "every stream"},
    {Request::kExec, Need::kTarget, "EXEC", "every stream"},
    {Request::kXinfoStream, Need::kTarget, "XINFO STREAM", "every stream"},
    {Request::kXinfoGroups, Need::kTarget, "XINFO GROUPS", "every stream and group"},
    {Request::kXinfoConsumers, Need::kFigures, "XINFO CONSUMERS",
     "the figures of consumers, and the state no_consumers of groups that have some"},
    {Request::kXpending, Need::kFigures, "XPENDING",
     "the age, idle time and deliveries of the oldest pending message, acknowledged_total, and how "
     "many pending messages were trimmed"},
    {Request::kXrange, Need::kFigures, "XRANGE",
     "the age of the oldest unread message, and every lag that has to be counted"},
    {Request::kXlen, Need::kFigures, "XLEN", "streams with large entries, between two whole looks"},
    {Request::kInfo, Need::kFigures, "INFO",
     "the server's version, calibrated lags, lost_total, delivered_total, acknowledged_total, "
     "appended_total and removed_total"},
    {Request::kMemoryUsage, Need::kFigures, "MEMORY USAGE", "stream_bytes"},
    {Request::kClusterSlots, Need::kTarget, "CLUSTER SLOTS", "which nodes a cluster has"},
    {Request::kAsking, Need::kFigures, "ASKING",
     "the streams of a cluster's slot while the slot is moved"},
    {Request::kClientSetName, Need::kFigures, "CLIENT SETNAME",
     "only the agent's name in CLIENT LIST"},
});

constexpr auto kSentinelRights = std::to_array<Right>({
    {Request::kSentinel, Need::kTarget, "SENTINEL GET-MASTER-ADDR-BY-NAME",
     "which primary to read"},
    {Request::kClientSetName, Need::kFigures, "CLIENT SETNAME",
     "only the agent's name in CLIENT LIST"},
});

// A key that nobody has: what is asked of it costs nothing.
constexpr std::string_view kNoKey = "streamgauge:check";
constexpr std::string_view kNoGroup = "streamgauge";
// Of each pattern so many streams are tried.
constexpr std::size_t kKeysPerPattern = 200;
// Since then a key may be granted for reading alone.
constexpr int kFirstMajorWithReadKeys = 7;

bool HasPatterns(const RedisTargetConfig& config) {
  return !std::ranges::all_of(config.streams.include, IsLiteral);
}

// What a server says to those alone who may ask: that another node has the key, that there is no
// transaction to be executed.
bool IsToldToTheEntitled(std::string_view text) {
  return IsRedirect(text) || text.starts_with("ERR EXEC without MULTI");
}

// What an answer says of the right to ask. Whether there is such a key, and whether it is a stream,
// is not told to others.
Access AccessFrom(const Reply& reply) {
  if (!reply.IsError() || IsToldToTheEntitled(reply.text())) return Access::kWorks;
  const bool refused_exec = reply.text().starts_with("EXECABORT") &&
                            reply.text().find("NOPERM") != std::string_view::npos;
  if (refused_exec) return Access::kRefused;
  switch (ToError(reply.text(), Request::kInfo, "").reason) {
    case Reason::kUnauthorized:
      return Access::kRefused;
    case Reason::kUnsupported:
      return Access::kUnsupported;
    case Reason::kNotFound:
    case Reason::kWrongType:
      return Access::kWorks;
    default:
      return Access::kFailed;
  }
}

// The same of the command alone, whatever is said of the key.
Access CommandAccessFrom(const Reply& reply) {
  return RefusesKey(reply.text()) ? Access::kWorks : AccessFrom(reply);
}

// Patterns of an ACL cannot hold any: `?` stands for them.
std::string WithoutSpaces(std::string pattern) {
  std::ranges::replace_if(
      pattern, [](unsigned char c) { return std::isspace(c) != 0 || c == 0; }, '?');
  return pattern;
}

AccessCheck CheckOf(const Right& right, const Reply& reply) {
  AccessCheck check;
  check.what = right.command;
  check.need = right.need;
  check.access = CommandAccessFrom(reply);
  if (check.access == Access::kWorks) return check;
  check.detail = QuotedLine(reply.text());
  check.lost = right.lost;
  return check;
}

// REQUIRES: the words are quoted.
std::string GrantTo(const std::string& username, const std::vector<std::string>& words) {
  std::string command = "ACL SETUSER ";
  command += username.empty() ? "default" : QuotedForCli(username);
  for (const std::string& word : words) command += " " + word;
  return command;
}

std::string KeysWord(const std::string& pattern, int server_major) {
  const bool read_only = server_major >= kFirstMajorWithReadKeys;
  return QuotedForCli((read_only ? "%R~" : "~") + WithoutSpaces(pattern));
}

// What a sentinel says of the primary, beyond whether it may be asked.
void TakeMaster(const Reply& reply, const std::string& master, AccessCheck& check) {
  if (check.access == Access::kUnsupported) check.detail += kIsItASentinel;
  if (check.access != Access::kWorks) return;
  const auto host = reply.At(0);
  const auto port = reply.At(1);
  if (host && port) {
    check.detail = QuotedLine(host->text()) + ":" + QuotedLine(port->text());
    return;
  }
  check.access = Access::kFailed;
  check.detail = "it does not know a primary called \"" + master + "\"";
}

class Trial {
 public:
  Trial(Connection& connection, const RightsQuestion& question, std::stop_token stop)
      : config_(question.config), question_(question), pipeline_(connection, std::move(stop)) {}

  Result<AccessReport> Run() {
    // An EXEC that is refused leaves the connection in its transaction: it comes last.
    for (const bool transaction : {false, true}) {
      if (transaction) {
        if (const auto tried = TryKeys(); !tried) return std::unexpected(tried.error());
      }
      if (const auto tried = TryCommands(transaction); !tried) {
        return std::unexpected(tried.error());
      }
    }
    std::ranges::stable_sort(commands_, {}, &Tried::place);
    AccessReport report;
    for (Tried& tried : commands_) report.checks.push_back(std::move(tried.check));
    for (AccessCheck& check : keys_) report.checks.push_back(std::move(check));
    if (!words_.empty()) report.grants.push_back({"", GrantTo(config_.username, words_)});
    return report;
  }

 private:
  struct Tried {
    std::size_t place = 0;  // in kRights
    AccessCheck check;
  };
  // How reading a pattern's keys went.
  struct Keys {
    std::uint64_t readable = 0;
    std::uint64_t refused = 0;
    std::uint64_t failed = 0;
    std::string refusal;
    std::string failure;
    bool sampled = false;  // no such stream is there: a name was made up

    void Take(const Reply& reply) {
      switch (AccessFrom(reply)) {
        case Access::kWorks:
          ++readable;
          return;
        case Access::kRefused:
          ++refused;
          refusal = QuotedLine(reply.text());
          return;
        default:
          ++failed;
          failure = QuotedLine(reply.text());
      }
    }
  };

  Result<void> TryCommands(bool transaction) {
    for (std::size_t i = 0; i < kRights.size(); ++i) {
      const Right& right = kRights[i];
      const bool is_transaction =
          right.request == Request::kMulti || right.request == Request::kExec;
      if (is_transaction != transaction || !IsNeeded(right, config_)) continue;
      if (const auto room = pipeline_.MakeRoom(1); !room) return room;
      Ask(right, [this, i](const Reply& reply) { TakeCommand(i, reply); });
    }
    return pipeline_.Flush();
  }

  void Ask(const Right& right, Pipeline::OnReply take) {
    const auto add = [&](std::initializer_list<std::string_view> words) {
      pipeline_.Add(right.request, words, CommandBatch::kKeepAll, std::move(take));
    };
    switch (right.request) {
      case Request::kSelect:
        return add({"SELECT", std::to_string(config_.addresses.at(0).database)});
      case Request::kScan:
        return add({"SCAN", "0", "MATCH", kNoKey, "COUNT", "1", "TYPE", "stream"});
      case Request::kInfo:
        return add({"INFO", "server"});
      case Request::kXinfoStream:
        return add({"XINFO", "STREAM", kNoKey});
      case Request::kXinfoGroups:
        return add({"XINFO", "GROUPS", kNoKey});
      case Request::kXinfoConsumers:
        return add({"XINFO", "CONSUMERS", kNoKey, kNoGroup});
      case Request::kXpending:
        return add({"XPENDING", kNoKey, kNoGroup, "-", "+", "1"});
      case Request::kXrange:
        return add({"XRANGE", kNoKey, "-", "+", "COUNT", "1"});
      case Request::kXlen:
        return add({"XLEN", kNoKey});
      case Request::kMemoryUsage:
        return add({"MEMORY", "USAGE", kNoKey});
      case Request::kClusterSlots:
        return add({"CLUSTER", "SLOTS"});
      case Request::kClientSetName:
        return add({"CLIENT", "SETNAME", "streamgauge"});
      default:
        return add({right.command});
    }
  }

  void TakeCommand(std::size_t place, const Reply& reply) {
    const Right& right = kRights[place];
    AccessCheck check = CheckOf(right, reply);
    if (check.access == Access::kRefused) check.grant = Grant(std::string(GrantFor(right.request)));
    commands_.push_back({place, std::move(check)});
  }

  // With a command that is allowed: a refusal then concerns the key.
  std::optional<Request> CommandForKeys() const {
    for (const Request request : {Request::kXinfoGroups, Request::kXinfoStream, Request::kXlen}) {
      for (const Tried& tried : commands_) {
        if (kRights[tried.place].request == request && tried.check.access == Access::kWorks) {
          return request;
        }
      }
    }
    return std::nullopt;
  }

  Result<void> TryKeys() {
    const auto request = CommandForKeys();
    for (const std::string& pattern : config_.streams.include) {
      Keys keys;
      if (request) {
        if (const auto tried = TryPattern(pattern, *request, keys); !tried) return tried;
      }
      TakeKeys(pattern, keys);
    }
    return {};
  }

  Result<void> TryPattern(const std::string& pattern, Request request, Keys& keys) {
    std::vector<std::string> names;
    for (const std::string& name : question_.names) {
      if (names.size() == kKeysPerPattern) break;
      if (GlobMatch(pattern, name)) names.push_back(name);
    }
    if (names.empty()) {
      if (auto sample = SampleOf(pattern)) names.push_back(std::move(*sample));
      keys.sampled = true;
    }
    for (const std::string& name : names) {
      if (const auto room = pipeline_.MakeRoom(1); !room) return room;
      const auto take = [&keys](const Reply& reply) { keys.Take(reply); };
      if (request == Request::kXlen) {
        pipeline_.Add(request, {"XLEN", name}, 0, take);
      } else {
        const bool groups = request == Request::kXinfoGroups;
        pipeline_.Add(request, {"XINFO", groups ? "GROUPS" : "STREAM", name}, 0, take);
      }
    }
    return pipeline_.Flush();
  }

  void TakeKeys(const std::string& pattern, const Keys& keys) {
    AccessCheck check;
    check.what = "read";
    check.on = "keys " + pattern;
    if (keys.refused > 0) {
      TakeRefusal(pattern, keys, check);
    } else if (keys.failed > 0) {
      check.access = Access::kFailed;
      check.detail = keys.failure;
    } else if (keys.readable > 0) {
      check.access = Access::kWorks;
    } else {
      check.detail = "can only be tried once XINFO GROUPS is allowed";
    }
    keys_.push_back(std::move(check));
  }

  void TakeRefusal(const std::string& pattern, const Keys& keys, AccessCheck& check) {
    check.access = Access::kRefused;
    check.need = keys.readable > 0 ? Need::kFigures : Need::kTarget;
    check.detail = keys.refusal;
    check.lost = "every stream of that name";
    if (keys.readable > 0) {
      const std::uint64_t tried = keys.readable + keys.refused + keys.failed;
      check.lost = std::to_string(keys.refused) + " of " + std::to_string(tried) +
                   " streams that were tried";
    }
    // Of a name that begins in any way one example says little: others may be granted.
    if (keys.sampled && LiteralPrefix(pattern).empty()) {
      check.need = Need::kFigures;
      check.lost = "streams of names that are not granted; none is there that could be tried";
    }
    check.grant = Grant(KeysWord(pattern, question_.server_major));
  }

  std::string Grant(const std::string& word) {
    words_.push_back(word);
    return GrantTo(config_.username, {word});
  }

  const RedisTargetConfig& config_;
  const RightsQuestion& question_;
  Pipeline pipeline_;
  std::vector<Tried> commands_;
  std::vector<AccessCheck> keys_;
  std::vector<std::string> words_;  // that grant what is refused
};

}  // namespace

std::span<const Right> Rights() { return kRights; }

bool IsNeeded(const Right& right, const RedisTargetConfig& config) {
  switch (right.request) {
    case Request::kSelect:
      return config.addresses.at(0).database != 0;
    case Request::kScan:
      return HasPatterns(config);
    case Request::kMemoryUsage:
      return config.stream_bytes;
    case Request::kClusterSlots:
    case Request::kAsking:
      return config.mode == RedisMode::kCluster;
    default:
      return true;
  }
}

Result<AccessReport> TryRights(Connection& connection, const RightsQuestion& question,
                               std::stop_token stop) {
  return Trial(connection, question, std::move(stop)).Run();
}

std::span<const Right> SentinelRights() { return kSentinelRights; }

Result<AccessReport> TrySentinelRights(Connection& connection, const SentinelConfig& config,
                                       std::stop_token stop) {
  CommandBatch batch;
  batch.Add(Request::kSentinel, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", config.master});
  batch.Add(Request::kClientSetName, {"CLIENT", "SETNAME", "streamgauge"});
  AccessReport report;
  std::vector<std::string> words;
  const auto take = [&](std::size_t command, const Reply& reply) {
    const Right& right = kSentinelRights[command];
    AccessCheck check = CheckOf(right, reply);
    if (right.request == Request::kSentinel) TakeMaster(reply, config.master, check);
    if (check.access == Access::kRefused) {
      words.emplace_back(GrantFor(right.request));
      check.grant = GrantTo(config.username, {words.back()});
    }
    report.checks.push_back(std::move(check));
  };
  if (auto asked = connection.Exchange(batch, take, std::move(stop)); !asked) {
    return std::unexpected(std::move(asked.error()));
  }
  if (!words.empty()) report.grants.push_back({"", GrantTo(config.username, words)});
  return report;
}

AccessReport CannotConnect(const Error& error, const RedisAddress& address,
                           const std::string& username, const std::vector<std::string>& words) {
  AccessCheck check;
  check.what = "connect";
  const bool refused = error.reason == Reason::kUnauthorized;
  check.access = refused ? Access::kRefused : Access::kFailed;
  // Said by the row, and the same words of several servers make one.
  const std::string where = Describe(address) + ": ";
  check.detail =
      error.message.starts_with(where) ? error.message.substr(where.size()) : error.message;
  if (!refused) check.detail.insert(0, std::string(ToString(error.reason)) + ": ");
  AccessReport report;
  // Others may come in as the default user: its password is not for us to change.
  if (error.message.find("WRONGPASS") != std::string::npos && !username.empty()) {
    std::vector<std::string> all = {"on", ">PASSWORD"};
    all.insert(all.end(), words.begin(), words.end());
    check.grant = GrantTo(username, all);
    report.grants.push_back({"", check.grant});
  }
  report.checks.push_back(std::move(check));
  return report;
}

std::vector<std::string> NeededWords(const RedisTargetConfig& config, int server_major) {
  std::vector<std::string> words;
  for (const std::string& pattern : config.streams.include) {
    words.push_back(KeysWord(pattern, server_major));
  }
  for (const Right& right : kRights) {
    if (IsNeeded(right, config)) words.emplace_back(GrantFor(right.request));
  }
  return words;
}

std::vector<std::string> NeededWordsOfSentinel() {
  std::vector<std::string> words;
  for (const Right& right : kSentinelRights) words.emplace_back(GrantFor(right.request));
  return words;
}

std::string QuotedForCli(std::string_view word) {
  const auto plain = [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '\\';
  };
  if (std::ranges::all_of(word, plain)) return std::string(word);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      quoted += "\\x";
      quoted += kDigits[byte >> 4];
      quoted += kDigits[byte & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace streamgauge
