// The pure part of the Kafka source (watched topics and groups, and the reading made from them) fed
// with scripted answers instead of a broker's.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/reading_builder.h"
#include "kafka/watched_groups.h"
#include "kafka/watched_topics.h"

namespace streamgauge::kafka {

struct ScriptedPartition {
  Offset start = 0;
  Offset end = 0;
  bool answers = true;
};

class ScriptedCluster {
 public:
  explicit ScriptedCluster(std::uint32_t max_topics = 100, std::uint32_t max_groups = 100)
      : topics_(filter_, max_topics, kStaleAfter,
                [this](const TrackedTopic& topic) { groups_.DropTopic(topic); }),
        groups_(filter_, max_groups) {}

  // What is there now; change it between polls.
  struct Topic {
    TopicId id{1, 1};
    std::vector<ScriptedPartition> partitions;
    std::optional<TopicSettings> settings = TopicSettings{};
    bool missing = false;  // the broker that describes has not heard of it
  };
  struct Commit {
    std::string topic;
    std::int32_t partition = 0;
    Offset offset = 0;
  };
  struct Group {
    MembersState state = MembersState::kEmpty;
    bool listed = true;
    bool answers = true;
    std::vector<Commit> committed;
    std::optional<GroupDescription> description;
  };
  std::map<std::string, Topic> topics;
  std::map<std::string, Group> groups;
  bool brokers_list = true;
  bool describes = true;  // somebody answers what topics there are

  // The next poll, `after` the last one.
  const Reading& Poll(SteadyTime::duration after = std::chrono::seconds(10)) {
    FailedPoll(after);
    topics_.Settle();
    groups_.Settle(now_, kStaleAfter);
    reading_ = BuildReading(topics_.all(), groups_.all(), {WallTime{}, now_, kStaleAfter});
    return reading_;
  }
  // One that was given up before its end.
  void FailedPoll(SteadyTime::duration after = std::chrono::seconds(10)) {
    now_ += after;
    topics_.BeginPoll(now_);
    groups_.BeginPoll();
    std::vector<std::string> names;
    for (const auto& [name, topic] : topics) names.push_back(name);
    topics_.TakeNames(names);
    TakeGroups();
    groups_.MarkTopics();
    topics_.Rest();
    ReadOffsets();
    Describe();
    ReadOffsets();
  }

  const StreamReading* Stream(const std::string& name) const {
    for (const StreamReading& stream : reading_.streams) {
      if (stream.name->text() == name) return &stream;
    }
    return nullptr;
  }
  const GroupReading* GroupOn(const std::string& stream, const std::string& name) const {
    for (const GroupReading& group : reading_.groups) {
      if (group.name->text() == name && reading_.streams[group.stream].name->text() == stream) {
        return &group;
      }
    }
    return nullptr;
  }
  std::uint64_t groups_left_out() const { return groups_.left_out(); }
  std::uint64_t topics_left_out() const { return topics_.left_out(); }

  static constexpr Duration kStaleAfter = std::chrono::seconds(30);

 private:
  void TakeGroups() {
    const auto resolve = [this](const std::string& name) { return topics_.Watch(name); };
    std::vector<GroupListing> listings;
    for (const auto& [name, group] : groups) {
      if (brokers_list && group.listed) listings.push_back({name, group.state, 1});
    }
    groups_.TakeListings(std::move(listings), {}, now_);
    const std::vector<GroupQuery> queries = groups_.queries();
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto group = groups.find(queries[i].group);
      if (group == groups.end()) {
        groups_.TakeCommitted(i, GroupOffsets{}, AnsweredBy::kCoordinator, now_, resolve);
      } else if (!group->second.answers) {
        groups_.TakeCommittedError(i, Error{Reason::kTimeout, ""});
      } else {
        groups_.TakeCommitted(i, ByTopic(group->second.committed), AnsweredBy::kCoordinator, now_,
                              resolve);
      }
    }
    for (const std::size_t i : groups_.DueForDescription(now_)) {
      const auto group = groups.find(queries[i].group);
      if (group == groups.end() || !group->second.description) continue;
      groups_.TakeDescription(i, *group->second.description, now_, resolve);
    }
  }

  static GroupOffsets ByTopic(const std::vector<Commit>& commits) {
    std::map<std::string, TopicOffsets> by_topic;
    for (const Commit& one : commits) {
      by_topic[one.topic].topic = one.topic;
      by_topic[one.topic].partitions.push_back({one.partition, one.offset});
    }
    GroupOffsets offsets;
    for (auto& [name, topic] : by_topic) offsets.push_back(std::move(topic));
    return offsets;
  }

  void Describe() {
    for (const std::string& name : topics_.NamesToDescribe()) {
      const auto topic = topics.find(name);
      if (!describes) {
        topics_.TakeDescription(name, std::unexpected(Error{Reason::kTimeout, ""}), now_);
        continue;
      }
      if (topic == topics.end() || topic->second.missing) {
        topics_.TakeDescription(name, std::unexpected(Error{Reason::kNotFound, ""}), now_);
        continue;
      }
      TopicDescription description{topic->second.id, {}};
      for (std::size_t i = 0; i < topic->second.partitions.size(); ++i) {
        description.partitions.push_back({static_cast<std::int32_t>(i), 1, 1, 1});
      }
      topics_.TakeDescription(name, description, now_);
    }
  }

  void ReadOffsets() {
    for (const auto& [name, tracked] : topics_.all()) {
      const auto topic = topics.find(name);
      if (tracked->missing_since || tracked->rests || topic == topics.end()) continue;
      tracked->settings = topic->second.settings;
      const std::size_t count =
          std::min(tracked->partitions.size(), topic->second.partitions.size());
      for (std::size_t i = 0; i < count; ++i) {
        const ScriptedPartition& scripted = topic->second.partitions[i];
        if (!scripted.answers || tracked->partitions[i].staged) continue;
        tracked->partitions[i].StageOffsets(scripted.start, scripted.end, now_);
        tracked->partitions[i].StageStable(scripted.end);
      }
    }
  }

  NameFilter filter_;
  WatchedTopics topics_;
  WatchedGroups groups_;
  SteadyTime now_{std::chrono::hours(1)};
  Reading reading_;
};

}  // namespace streamgauge::kafka
