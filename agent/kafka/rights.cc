#include "kafka/rights.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "config/glob_sample.h"
#include "kafka/feed_consumer.h"
#include "kafka/group_reader.h"
#include "kafka/topic_reader.h"

namespace streamgauge::kafka {
namespace {

enum RightIndex : std::size_t { kDescribeTopic, kDescribeGroup, kReadOffsets, kDescribeConfigs };
constexpr auto kRights = std::to_array<Right>({
    {"Describe", "Topic", "those to be watched", "the topic is not seen"},
    {"Describe", "Group", "those to be watched", "the group is not seen"},
    {"Read", "Topic", "`__consumer_offsets`",
     "every group is asked for in every poll; when it last committed, commits and rebalances are "
     "not known"},
    {"DescribeConfigs", "Topic", "those to be watched",
     "no retention, no `lost_total`, and ages may be absent as the topic might be compacted"},
});

// Of each pattern so many topics' settings and so many groups are tried.
constexpr std::size_t kTopicsPerPattern = 500;
constexpr std::size_t kGroupsPerPattern = 50;

// A coordinator that is just being made, as before anybody's first group, or that loads its part of
// the offsets answers within seconds: so often, with such pauses, it is asked.
constexpr int kTriesOfGroups = 10;
constexpr Duration kPauseBetweenTries{500};

// How trying one right on several names went.
struct Tally {
  std::size_t allowed = 0;
  std::size_t refused = 0;
  std::optional<Error> refusal;
  std::optional<Error> failure;

  void Take(const Error* error) {
    // A name that nobody has is told to those who may ask.
    if (error == nullptr || error->reason == Reason::kNotFound) {
      ++allowed;
    } else if (error->reason == Reason::kUnauthorized) {
      ++refused;
      refusal = *error;
    } else {
      failure = *error;
    }
  }
};

std::string WithoutTicks(std::string_view text) {
  std::string plain(text);
  std::erase(plain, '`');
  return plain;
}

// In single quotes unless a shell takes it as it is.
std::string QuotedForShell(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:/=,@+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// Brokers name users after how they log in; where that cannot be told from here, the reader fills
// it in.
std::string PrincipalOf(const KafkaTargetConfig& config) {
  const auto user = config.properties.find("sasl.username");
  return "User:" + (user == config.properties.end() ? "PRINCIPAL" : user->second);
}

class Trial {
 public:
  Trial(AdminRequests& requests, const RightsQuestion& question)
      : requests_(requests), config_(question.config), question_(question) {}

  AccessReport Run() {
    for (const std::string& pattern : config_.streams.include) TryTopics(pattern);
    for (const std::string& pattern : config_.groups.include) TryGroups(pattern);
    if (config_.offsets != KafkaOffsets::kAdmin) TryOffsetsTopic();
    for (const std::string& pattern : config_.streams.include) TrySettings(pattern);
    for (const auto& [on, operations] : grants_) {
      report_.grants.push_back({"", GrantCommand(config_, operations, on.first, on.second)});
    }
    return std::move(report_);
  }

 private:
  void TryTopics(const std::string& pattern) {
    const std::vector<std::string> seen = SeenTopics(pattern);
    Tally tally;
    tally.allowed = seen.size();
    const auto sample = SampleOf(pattern);
    if (seen.empty() && sample) {
      DescribeTopics(requests_, {*sample}, std::nullopt,
                     [&](const std::string&, const Result<TopicDescription>& topic) {
                       tally.Take(topic ? nullptr : &topic.error());
                     });
    }
    AccessCheck& check = Take(kDescribeTopic, pattern, Need::kTarget, tally);
    if (check.access != Access::kWorks) return;
    check.detail = seen.empty() ? "none is seen" : std::to_string(seen.size()) + " seen";
  }

  void TryGroups(const std::string& pattern) {
    std::vector<GroupQuery> queries;
    for (const GroupListing& one : question_.groups) {
      if (queries.size() == kGroupsPerPattern) break;
      if (GlobMatch(pattern, one.group) && config_.groups.Matches(one.group)) {
        queries.push_back({one.group, one.broker});
      }
    }
    const std::size_t seen = queries.size();
    const auto sample = SampleOf(pattern);
    if (queries.empty() && sample) queries.push_back({*sample, std::nullopt});
    AccessCheck& check = Take(kDescribeGroup, pattern, Need::kTarget, DescribeAll(queries));
    if (check.access == Access::kWorks && seen == 0) check.detail = "none is seen";
  }

  Tally DescribeAll(const std::vector<GroupQuery>& queries) {
    Tally tally;
    for (int tries = 1; tries <= kTriesOfGroups; ++tries) {
      tally = {};
      DescribeGroups(requests_, queries, [&](std::size_t, const Result<GroupDescription>& group) {
        tally.Take(group ? nullptr : &group.error());
      });
      const bool passing = tally.failure && tally.failure->reason == Reason::kUnavailable;
      if (!passing || requests_.Over()) break;
      if (tries < kTriesOfGroups) requests_.Pause(kPauseBetweenTries);
    }
    return tally;
  }

  void TrySettings(const std::string& pattern) {
    std::vector<std::string> names = SeenTopics(pattern);
    if (names.size() > kTopicsPerPattern) names.resize(kTopicsPerPattern);
    const auto sample = SampleOf(pattern);
    if (names.empty() && sample) names.push_back(*sample);
    Tally tally;
    ReadTopicSettings(requests_, names, std::nullopt,
                      [&](const std::string&, const Result<TopicSettings>& settings) {
                        tally.Take(settings ? nullptr : &settings.error());
                      });
    Take(kDescribeConfigs, pattern, Need::kFigures, tally);
  }

  void TryOffsetsTopic() {
    Tally tally;
    const auto may_read = MayRead(requests_, kOffsetsTopic);
    if (!may_read) tally.Take(&may_read.error());
    if (may_read && *may_read) tally.Take(nullptr);
    if (may_read && *may_read == false) {
      const Error refusal{Reason::kUnauthorized, "Read is not among the authorized operations"};
      tally.Take(&refusal);
    }
    const bool required = config_.offsets == KafkaOffsets::kFeed;
    AccessCheck& check =
        Take(kReadOffsets, kOffsetsTopic, required ? Need::kTarget : Need::kFigures, tally);
    if (check.access == Access::kUntried) {
      check.detail = "the topic is not there yet, or the brokers do not tell";
    }
  }

  std::vector<std::string> SeenTopics(const std::string& pattern) const {
    std::vector<std::string> names;
    for (const std::string& name : question_.topics) {
      if (GlobMatch(pattern, name) && config_.streams.Matches(name)) names.push_back(name);
    }
    return names;
  }

  AccessCheck& Take(RightIndex index, const std::string& pattern, Need need, const Tally& tally) {
    const Right& right = kRights[index];
    AccessCheck& check = report_.checks.emplace_back();
    check.what = right.operation;
    check.on = std::string(right.resource) + " " + pattern;
    check.need = need;
    if (tally.refused > 0) {
      TakeRefusal(right, pattern, tally, check);
    } else if (tally.failure) {
      check.access = Access::kFailed;
      check.detail = tally.failure->message;
      check.lost = WithoutTicks(right.lost);
    } else if (tally.allowed > 0) {
      check.access = Access::kWorks;
    }
    return check;
  }

  void TakeRefusal(const Right& right, const std::string& pattern, const Tally& tally,
                   AccessCheck& check) {
    check.access = Access::kRefused;
    check.detail = tally.refusal->message;
    check.lost = WithoutTicks(right.lost);
    if (tally.allowed > 0) {
      check.need = Need::kFigures;
      check.lost += " (" + std::to_string(tally.refused) + " of " +
                    std::to_string(tally.refused + tally.allowed) + " that were tried)";
    }
    const std::string operation(right.operation);
    check.grant = GrantCommand(config_, {&operation, 1}, right.resource, pattern);
    grants_[{std::string(right.resource), pattern}].push_back(operation);
  }

  AdminRequests& requests_;
  const KafkaTargetConfig& config_;
  const RightsQuestion& question_;
  AccessReport report_;
  // What to grant on which resource and pattern.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> grants_;
};

}  // namespace

std::span<const Right> Rights() { return kRights; }

AccessReport TryRights(AdminRequests& requests, const RightsQuestion& question) {
  return Trial(requests, question).Run();
}

std::string GrantCommand(const KafkaTargetConfig& config, std::span<const std::string> operations,
                         std::string_view resource, std::string_view pattern) {
  std::string command = "kafka-acls.sh --bootstrap-server " + config.brokers.at(0) +
                        " --add --allow-principal " + QuotedForShell(PrincipalOf(config));
  for (const std::string& operation : operations) command += " --operation " + operation;
  command += resource == "Topic" ? " --topic " : " --group ";
  const std::string prefix = LiteralPrefix(pattern);
  if (IsLiteral(pattern)) return command + QuotedForShell(pattern);
  // Kafka knows names, prefixes and everything.
  if (prefix.empty()) return command + "'*'";
  return command + QuotedForShell(prefix) + " --resource-pattern-type prefixed";
}

}  // namespace streamgauge::kafka
