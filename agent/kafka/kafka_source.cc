#include "kafka/kafka_source.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "kafka/admin_committed_offsets.h"
#include "kafka/admin_requests.h"
#include "kafka/client.h"
#include "kafka/cluster_reader.h"
#include "kafka/feed_committed_offsets.h"
#include "kafka/group_reader.h"
#include "kafka/kerberos.h"
#include "kafka/lag_times.h"
#include "kafka/missing_rights.h"
#include "kafka/partition_check.h"
#include "kafka/reading_builder.h"
#include "kafka/rights.h"
#include "kafka/topic_offsets.h"
#include "kafka/topic_reader.h"
#include "kafka/watched_groups.h"
#include "kafka/watched_topics.h"
#include "log/log.h"

namespace streamgauge {
namespace kafka {
namespace {

constexpr std::chrono::seconds kDiscoveryPace{30};
constexpr std::chrono::minutes kSettingsPace{10};
// Until they are known, losses are not counted. A right that is missing is given by hand.
constexpr std::chrono::seconds kSettingsRetryPace{5};
constexpr std::chrono::minutes kSettingsDeniedPace{1};
// Without an answer the settings are taken to be the last ones for so long.
constexpr std::chrono::minutes kSettingsKept{30};
constexpr std::size_t kMaxSettingsPerPoll = 1000;
constexpr std::chrono::minutes kSweepPace{1};
// Every stage may wait for the timeout once before the poll as a whole is given up.
constexpr int kTimeoutsPerPoll = 3;
// After that many failures in a row librdkafka starts over, with all files read again.
constexpr int kFailuresBeforeNewClient = 3;
// And so it does so often while some broker is left out for a log-in or a certificate: what the
// files hold may have been renewed.
constexpr std::chrono::seconds kDeniedPace{30};

// What answers is perhaps no Kafka, or waits for a log-in of another kind: both are silence to us.
// So is a kinit that waits for a KDC.
Error WithAdvice(Error error, const KafkaTargetConfig& config) {
  if (error.reason == Reason::kTimeout) {
    error.message += "; if the brokers are up, check brokers, security.protocol and sasl.*";
    if (UsesKerberos(config.properties)) error.message += ", and whether the KDC answers";
  }
  return error;
}

// There are partitions, and not one of them answered.
bool NothingRead(const TrackedTopics& topics) {
  bool any = false;
  for (const auto& [name, topic] : topics) {
    if (topic->missing_since) continue;
    for (const TrackedPartition& partition : topic->partitions) {
      if (partition.staged) return false;
      any = true;
    }
  }
  return any;
}

class KafkaSource : public Source, private CommittedOffsetsTaker {
 public:
  KafkaSource(std::string target, const KafkaTargetConfig& config, Duration timeout,
              Duration stale_after)
      : target_(std::move(target)),
        config_(config),
        timeout_(timeout),
        stale_after_(stale_after),
        requests_(telemetry_, timeout),
        topics_(config_.streams, config_.max_streams, stale_after,
                [this](const TrackedTopic& topic) { groups_.DropTopic(topic); }),
        groups_(config_.groups, config_.max_groups, config_.shard) {
    if (config_.offsets != KafkaOffsets::kAdmin) feed_.emplace(target_, config_, warned_);
  }

  Result<Reading> Poll(std::stop_token stop) override;
  const Telemetry& telemetry() const override { return telemetry_; }
  Result<AccessReport> TryAccess(const std::stop_token& stop) override;
  void SetTraced(const TracedGroup* traced) override { traced_ = traced; }

 private:
  Result<void> EnsureClient();
  Result<Reading> PollOnce();
  Result<void> FindBrokers();
  Result<void> ReadGroups();
  Result<void> ReadCommitted();
  void TakeOffsets(std::size_t index, const GroupOffsets& offsets, AnsweredBy by) override;
  void TakeUnchanged(std::size_t index) override;
  void TakeError(std::size_t index, const Error& error) override;
  void TakeFollowed(std::size_t index, const FollowedGroup& followed) override;
  void ReadMembers();
  void DiscoverTopics();
  void DescribeTopics();
  void TakeDescription(const std::string& name, Result<TopicDescription> description);
  Result<void> ReadEnds();
  void ReadSettings();
  bool AllGroupsKnown() const;
  Reading Finish();
  void AfterPoll(const Result<Reading>& result);
  bool NeedsNewClient(const Result<Reading>& result) const;
  void TellDenial(bool up);

  WatchedGroups::ResolveTopic Resolve() {
    return [this](const std::string& name) { return topics_.Watch(name); };
  }

  const std::string target_;
  const KafkaTargetConfig config_;
  const Duration timeout_;
  const Duration stale_after_;
  const TracedGroup* traced_ = nullptr;
  WarnedKinds warned_;
  MissingRights missing_rights_{target_, config_};
  Telemetry telemetry_;
  AdminRequests requests_;
  WatchedTopics topics_;
  WatchedGroups groups_;
  std::optional<FeedCommittedOffsets> feed_;  // unless offsets: admin
  LagTimes lag_times_;
  std::unique_ptr<Client> client_;
  SteadyTime client_made_at_{};
  bool denial_told_ = false;
  std::uint64_t received_before_ = 0;  // bytes, by the clients before this one
  std::vector<std::int32_t> brokers_;
  bool all_listed_ = false;                // every broker has listed its groups in this poll
  std::optional<std::int32_t> answering_;  // a broker that answered, last
  std::optional<SteadyTime> discovered_at_;
  SteadyTime swept_at_{};
  SteadyTime now_{};
  int failures_ = 0;
};

Result<Reading> KafkaSource::Poll(std::stop_token stop) {
  if (auto made = EnsureClient(); !made) return std::unexpected(std::move(made.error()));
  now_ = std::chrono::steady_clock::now();
  requests_.BeginPoll(*client_, stop, now_ + kTimeoutsPerPoll * timeout_);
  topics_.BeginPoll(now_);
  groups_.BeginPoll();
  Result<Reading> result = PollOnce();
  if (result && stop.stop_requested()) {
    result = std::unexpected(Error{Reason::kTimeout, "the agent stops"});
  }
  AfterPoll(result);
  return result;
}

Result<AccessReport> KafkaSource::TryAccess(const std::stop_token& stop) {
  if (auto made = EnsureClient(); !made) return std::unexpected(std::move(made.error()));
  requests_.BeginPoll(*client_, stop,
                      std::chrono::steady_clock::now() + kTimeoutsPerPoll * timeout_);
  const auto brokers = ReadBrokers(requests_, {});
  if (!brokers) return std::unexpected(WithAdvice(brokers.error(), config_));
  const auto topics = ReadTopicNames(requests_);
  if (!topics) return std::unexpected(topics.error());
  std::vector<GroupListing> groups;
  ListGroups(requests_, *brokers, [&](std::int32_t, const Result<std::vector<GroupListing>>& list) {
    if (list) groups.insert(groups.end(), list->begin(), list->end());
  });
  return TryRights(requests_, {.config = config_, .topics = *topics, .groups = groups});
}

Result<void> KafkaSource::EnsureClient() {
  if (client_) return {};
  auto made = Client::Make(target_, config_, warned_);
  if (!made) return std::unexpected(std::move(made.error()));
  client_ = std::move(*made);
  client_made_at_ = std::chrono::steady_clock::now();
  return {};
}

// Committed offsets first, ends after them: a lag may be a little too high for a moment, but never
// negative. The topics' identities come last and tell whether what was read before is of a topic
// that is gone; partitions that turn out to be new or to have moved are read once more.
Result<Reading> KafkaSource::PollOnce() {
  if (auto read = FindBrokers(); !read) return std::unexpected(std::move(read.error()));
  if (auto read = ReadGroups(); !read) return std::unexpected(std::move(read.error()));
  DiscoverTopics();
  if (auto read = ReadCommitted(); !read) return std::unexpected(std::move(read.error()));
  ReadMembers();
  if (auto read = ReadEnds(); !read) return std::unexpected(std::move(read.error()));
  ReadSettings();
  return Finish();
}

Result<void> KafkaSource::FindBrokers() {
  std::vector<std::int32_t> known = std::exchange(brokers_, {});
  // Who answered last is likely to answer now.
  std::stable_partition(known.begin(), known.end(),
                        [&](std::int32_t broker) { return broker == answering_; });
  answering_.reset();
  auto brokers = ReadBrokers(requests_, known);
  if (!brokers) return std::unexpected(WithAdvice(std::move(brokers.error()), config_));
  brokers_ = std::move(*brokers);
  return {};
}

Result<void> KafkaSource::ReadGroups() {
  std::vector<GroupListing> listings;
  std::set<std::int32_t> silent;
  std::optional<Error> error;
  ListGroups(requests_, brokers_, [&](std::int32_t broker, Result<std::vector<GroupListing>> list) {
    if (!list) {
      requests_.CountItemError(list.error());
      // What it leads and coordinates is not waited for once more.
      if (list.error().reason == Reason::kTimeout) requests_.NoteSilent(broker);
      error = std::move(list.error());
      silent.insert(broker);
      return;
    }
    answering_ = broker;
    listings.insert(listings.end(), std::make_move_iterator(list->begin()),
                    std::make_move_iterator(list->end()));
  });
  if (!answering_ && error) return std::unexpected(std::move(*error));
  all_listed_ = silent.empty();
  groups_.TakeListings(std::move(listings), silent, now_);
  return {};
}

void KafkaSource::DiscoverTopics() {
  const bool first = !discovered_at_;
  if (!first && now_ - *discovered_at_ < kDiscoveryPace) return;
  auto names = ReadTopicNames(requests_);
  if (!names) return requests_.CountItemError(names.error());
  discovered_at_ = now_;
  topics_.TakeNames(std::move(*names));
  // Without a description there is no partition whose end could be read in this poll.
  if (first) DescribeTopics();
}

void KafkaSource::DescribeTopics() {
  std::vector<std::string> names = topics_.NamesToDescribe();
  if (feed_) names.emplace_back(kOffsetsTopic);  // whether or not it is watched
  kafka::DescribeTopics(requests_, names, answering_,
                        [&](const std::string& name, Result<TopicDescription> description) {
                          TakeDescription(name, std::move(description));
                        });
}

void KafkaSource::TakeDescription(const std::string& name, Result<TopicDescription> description) {
  if (description) CheckPartitions(requests_, *description);
  if (feed_ && name == kOffsetsTopic) feed_->TakeDescription(description, now_);
  if (topics_.all().find(name) == topics_.all().end()) return;
  missing_rights_.Take("Describe", "Topic", name, description ? nullptr : &description.error());
  if (!description && description.error().reason != Reason::kNotFound) {
    requests_.CountItemError(description.error());
  }
  topics_.TakeDescription(name, std::move(description), now_);
}

Result<void> KafkaSource::ReadCommitted() {
  if (!feed_) {
    AdminCommittedOffsets().Read(requests_, groups_.queries(), *this);
    return {};
  }
  const bool required = config_.offsets == KafkaOffsets::kFeed;
  if (!required || !feed_->Refused(now_)) feed_->Read(requests_, groups_.queries(), *this);
  if (required && feed_->refusal()) return std::unexpected(*feed_->refusal());
  return {};
}

void KafkaSource::TakeOffsets(std::size_t index, const GroupOffsets& offsets, AnsweredBy by) {
  missing_rights_.Take("Describe", "Group", groups_.queries()[index].group, nullptr);
  groups_.TakeCommitted(index, offsets, by, now_, Resolve());
}
void KafkaSource::TakeUnchanged(std::size_t index) { groups_.TakeUnchanged(index, now_); }
void KafkaSource::TakeError(std::size_t index, const Error& error) {
  requests_.CountItemError(error);
  missing_rights_.Take("Describe", "Group", groups_.queries()[index].group, &error);
  groups_.TakeCommittedError(index, error);
}
void KafkaSource::TakeFollowed(std::size_t index, const FollowedGroup& followed) {
  groups_.TakeFollowed(index, followed);
}

void KafkaSource::ReadMembers() {
  const std::vector<std::size_t> due = groups_.DueForDescription(now_);
  std::vector<GroupQuery> queries;
  queries.reserve(due.size());
  for (const std::size_t index : due) queries.push_back(groups_.queries()[index]);
  DescribeGroups(requests_, queries, [&](std::size_t i, Result<GroupDescription> description) {
    if (!description) return requests_.CountItemError(description.error());
    CheckPartitions(requests_, *description);
    groups_.TakeDescription(due[i], *description, now_, Resolve());
  });
}

Result<void> KafkaSource::ReadEnds() {
  groups_.MarkTopics();
  topics_.Rest();
  std::optional<Error> error = ReadMissingOffsets(requests_, topics_.all());
  DescribeTopics();
  if (auto second = ReadMissingOffsets(requests_, topics_.all())) error = std::move(second);
  if (error && NothingRead(topics_.all())) return std::unexpected(std::move(*error));
  return {};
}

void KafkaSource::ReadSettings() {
  std::vector<std::string> due;
  for (const auto& [name, topic] : topics_.all()) {
    const bool read = topic->settings && topic->settings_asked_at == topic->settings_read_at;
    const auto pace = read                     ? kSettingsPace
                      : topic->settings_denied ? kSettingsDeniedPace
                                               : kSettingsRetryPace;
    if (!topic->described || topic->missing_since || due.size() == kMaxSettingsPerPoll) continue;
    if (!topic->settings_asked_at || now_ - *topic->settings_asked_at >= pace) due.push_back(name);
  }
  ReadTopicSettings(requests_, due, answering_,
                    [&](const std::string& name, Result<TopicSettings> settings) {
                      if (!settings) requests_.CountItemError(settings.error());
                      missing_rights_.Take("DescribeConfigs", "Topic", name,
                                           settings ? nullptr : &settings.error());
                      const auto topic = topics_.all().find(name);
                      if (topic == topics_.all().end()) return;
                      topic->second->TakeSettings(settings, now_, kSettingsKept);
                    });
}

// Another shard's groups, those beyond the limit and those that could not be read would be missing.
bool KafkaSource::AllGroupsKnown() const {
  return all_listed_ && config_.shard.total == 1 && groups_.left_out() == 0 &&
         std::ranges::all_of(groups_.all(), [](const auto& one) { return one.second.read; });
}

Reading KafkaSource::Finish() {
  const ReadingMoment moment{WallNow(), std::chrono::steady_clock::now(), stale_after_};
  topics_.Settle();
  groups_.Settle(moment.steady, stale_after_, traced_);
  lag_times_.Fill(requests_, topics_.all(), groups_.all(), moment.steady, moment.wall, traced_);
  Reading reading = BuildReading(topics_.all(), groups_.all(), moment, traced_);
  if (AllGroupsKnown()) CountGroups(reading);
  // Any shard's groups may be on any topic, so that all are read: a few requests per broker.
  for (StreamReading& stream : reading.streams) {
    stream.exported = config_.shard.Owns(stream.name->text());
  }
  reading.mode = "cluster";
  reading.nodes = static_cast<std::uint32_t>(brokers_.size());
  if (topics_.left_out() > 0) reading.skipped.push_back({"stream", "limit", topics_.left_out()});
  if (groups_.left_out() > 0) reading.skipped.push_back({"group", "limit", groups_.left_out()});
  return reading;
}

void KafkaSource::AfterPoll(const Result<Reading>& result) {
  telemetry_.received_bytes = received_before_ + client_->received_bytes();
  if (feed_) telemetry_.received_bytes += feed_->received_bytes();
  if (now_ - swept_at_ >= kSweepPace) {
    topics_.Sweep();
    groups_.Sweep();
    swept_at_ = now_;
  }
  failures_ = result ? 0 : failures_ + 1;
  TellDenial(result.has_value());
  missing_rights_.Tell();
  if (!NeedsNewClient(result)) return;
  received_before_ += client_->received_bytes();
  client_.reset();
  if (feed_) feed_->Reconnect();
  failures_ = 0;
}

bool KafkaSource::NeedsNewClient(const Result<Reading>& result) const {
  if (failures_ >= kFailuresBeforeNewClient) return true;
  if (!result && result.error().reason == Reason::kUnauthorized) return true;
  return client_->denial() && (!result || now_ - client_made_at_ >= kDeniedPace);
}

// A broker that is left out does not make the poll fail: the others answer. Told once.
void KafkaSource::TellDenial(bool up) {
  if (up && client_->denial() && !denial_told_) {
    log::Warn("kafka target {}: a broker is left out: {}", target_, client_->denial()->message);
    denial_told_ = true;
  }
  if (!client_->denial() && now_ - client_made_at_ >= kDeniedPace) denial_told_ = false;
}

}  // namespace
}  // namespace kafka

std::unique_ptr<Source> MakeKafkaSource(const std::string& target, const KafkaTargetConfig& config,
                                        Duration timeout, Duration stale_after) {
  return std::make_unique<kafka::KafkaSource>(target, config, timeout, stale_after);
}

}  // namespace streamgauge
