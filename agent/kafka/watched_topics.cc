#include "kafka/watched_topics.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace streamgauge::kafka {
WatchedTopics::WatchedTopics(const NameFilter& filter, std::uint32_t limit, Duration stale_after,
                             Gone gone)
    : filter_(filter), limit_(limit), stale_after_(stale_after), gone_(std::move(gone)) {}

void WatchedTopics::BeginPoll(SteadyTime now) {
  if (now_ != SteadyTime{}) poll_before_ = now_;
  now_ = now;
  for (auto& [name, topic] : topics_) topic->BeginPoll();
}

void WatchedTopics::TakeNames(std::vector<std::string> names) {
  std::erase_if(names, [&](const std::string& name) { return !filter_.Matches(name); });
  std::sort(names.begin(), names.end());
  left_out_ = names.size() > limit_ ? names.size() - limit_ : 0;
  names.resize(names.size() - left_out_);
  if (left_out_ > 0) {
    // The first by name stay, whenever they came.
    for (auto topic = topics_.begin(); topic != topics_.end();) {
      const auto here = topic++;
      if (!std::binary_search(names.begin(), names.end(), here->first)) Forget(here);
    }
  }
  for (const std::string& name : names) Watch(name);
}

TrackedTopic* WatchedTopics::Watch(std::string_view name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return found->second.get();
  if (!filter_.Matches(name) || topics_.size() >= limit_) return nullptr;
  auto topic = std::make_unique<TrackedTopic>(names_.Intern(name), ++last_number_);
  const auto added = topics_.emplace(std::string(name), std::move(topic));
  return added.first->second.get();
}

void WatchedTopics::TakeDescription(std::string_view name, Result<TopicDescription> description,
                                    SteadyTime now) {
  const auto topic = topics_.find(name);
  if (topic == topics_.end()) return;
  if (description) return topic->second->Describe(*description, now);
  const Reason reason = description.error().reason;
  if (reason == Reason::kNotFound) return TakeMissing(topic, now);
  if (reason == Reason::kUnauthorized && !topic->second->described) Forget(topic);
}

void WatchedTopics::TakeMissing(TrackedTopics::iterator topic, SteadyTime now) {
  std::optional<SteadyTime>& since = topic->second->missing_since;
  const bool certain = !topic->second->described || (since && now - *since >= stale_after_);
  if (certain) return Forget(topic);
  if (!since) since = now;
}

void WatchedTopics::Rest() {
  if (!poll_before_) return;
  const SteadyTime::duration interval = now_ - *poll_before_;
  // The next poll may come late by half an interval.
  const SteadyTime::duration oldest =
      std::min<SteadyTime::duration>(interval * 5 / 2, stale_after_ - interval * 3 / 2);
  for (auto& [name, topic] : topics_) {
    topic->rests = !topic->used && !topic->missing_since && topic->KnownSince(now_ - oldest);
  }
}

void WatchedTopics::Settle() {
  for (auto& [name, topic] : topics_) topic->TakeStaged();
}

std::vector<std::string> WatchedTopics::NamesToDescribe() const {
  std::vector<std::string> names;
  names.reserve(topics_.size());
  for (const auto& [name, topic] : topics_) {
    if (!topic->rests) names.push_back(name);
  }
  return names;
}

void WatchedTopics::Forget(TrackedTopics::iterator topic) {
  gone_(*topic->second);
  topics_.erase(topic);
}

}  // namespace streamgauge::kafka
