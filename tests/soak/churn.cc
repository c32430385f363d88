#include "soak/churn.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace streamgauge::test {
namespace {

constexpr int kStreams = 12;
constexpr std::size_t kTopics = 4;
constexpr std::size_t kMostWrong = 20;

bool Is(const std::optional<double>& figure, std::uint64_t truth) {
  return !figure || *figure == static_cast<double>(truth);
}

}  // namespace

void Comparisons::Expect(bool right, const std::string& what) {
  ++figures;
  if (!right && wrong.size() < kMostWrong) wrong.push_back(what);
}

RedisChurn::RedisChurn(std::uint16_t port, std::string target, std::uint32_t seed)
    : port_(port), target_(std::move(target)), seed_(seed), client_(port) {
  BeginAnew();
}

void RedisChurn::BeginAnew() {
  if (world_) KeepLosses();
  client_ = RedisClient(port_);
  world_ = std::make_unique<RandomWorld>(client_, seed_++, kStreams);
}

// Also of groups that do not exist at the moment: should one come back, the agent's sum goes on.
void RedisChurn::KeepLosses() {
  for (const std::string& key : world_->keys()) {
    const StreamTruth& stream = world_->truth(key);
    auto groups = stream.groups;
    groups.insert(stream.past.begin(), stream.past.end());  // those that exist stay
    for (const auto& [name, group] : groups) lost_before_[{key, name}] += group.lost;
  }
}

void RedisChurn::Advance() {
  using Kind = RandomWorld::Interference;
  world_->Advance(++round_ % 3 == 0 ? Kind::kAll : Kind::kNone);
}

void RedisChurn::Compare(const MetricsPage& page, Comparisons& result) {
  for (const std::string& key : world_->keys()) {
    const StreamTruth& stream = world_->truth(key);
    Labels labels = {{"target", target_}, {"stream", key}};
    result.Expect(Is(page.Value("streamgauge_stream_length", labels), stream.entries.size()),
                  target_ + " " + key + ": length");
    for (const auto& [name, group] : stream.groups) {
      labels["group"] = name;
      const std::string at = fmt::format("{} {} {}: ", target_, key, name);
      const std::uint64_t lag = stream.LagOf(group);
      const auto said = page.Value("streamgauge_group_lag", labels);
      result.Expect(Is(said, lag), fmt::format("{}lag {}, not {}", at, said.value_or(-1), lag));
      result.Expect(Is(page.Value("streamgauge_group_pending", labels), group.pending),
                    at + "pending");
      const std::uint64_t lost = lost_before_[{key, name}] + group.lost;
      result.Expect(page.Value("streamgauge_group_lost_total", labels).value_or(0) <=
                        static_cast<double>(lost),
                    at + "lost_total");
    }
    labels.erase("group");
    for (const MetricSample& state : page.Find("streamgauge_group_state", labels)) {
      result.Expect(stream.groups.contains(state.labels.at("group")),
                    target_ + " " + key + ": a group that does not exist");
    }
  }
}

KafkaChurn::KafkaChurn(std::string bootstrap, std::string target)
    : bootstrap_(std::move(bootstrap)), target_(std::move(target)), client_(bootstrap_) {}

void KafkaChurn::Advance() {
  client_ = KafkaClient(bootstrap_);  // one that lives long keeps the topics that are gone
  Topic topic{.name = fmt::format("churn-{}", ++made_), .group = fmt::format("churners-{}", made_)};
  client_.CreateTopic(topic.name);
  topic.end = 3 + made_ % 7;
  topic.committed = made_ % 4;
  client_.Produce(topic.name, 0, static_cast<int>(topic.end));
  client_.CommitOffsets(topic.group, {{topic.name, 0, topic.committed}});
  topics_.push_back(std::move(topic));
  if (topics_.size() <= kTopics) return;
  client_.DeleteTopic(topics_.front().name);
  client_.DeleteGroup(topics_.front().group);
  topics_.pop_front();
}

void KafkaChurn::Compare(const MetricsPage& page, Comparisons& result) {
  for (const Topic& topic : topics_) {
    const Labels labels = {{"target", target_}, {"stream", topic.name}, {"group", topic.group}};
    const auto lag = page.Value("streamgauge_group_lag", labels);
    const std::int64_t truth = topic.end - topic.committed;
    result.Expect(
        !lag || *lag == static_cast<double>(truth),
        fmt::format("{} {}: lag {}, not {}", target_, topic.name, lag.value_or(-1), truth));
    result.Expect(page.Value("streamgauge_group_lost_total", labels).value_or(0) == 0,
                  topic.name + ": lost_total");
  }
}

}  // namespace streamgauge::test
