#include "e2e/situation.h"

#include <chrono>
#include <thread>
#include <utility>

namespace streamgauge::test {
namespace {

constexpr int kUsualRate = 20;  // messages a second, of every producer

class TrafficSituation : public Situation {
 public:
  TrafficSituation(Trouble trouble, std::unique_ptr<Traffic> traffic)
      : trouble_(trouble), traffic_(std::move(traffic)) {
    // A trimmed stream is full before it is interesting.
    if (trouble_ == Trouble::kNearLoss || trouble_ == Trouble::kHealthy) traffic_->Burst(2000);
    traffic_->Consume(kFast);
    traffic_->Produce(kUsualRate);
  }

  void Prelude() override {
    if (trouble_ == Trouble::kBurstObjective) traffic_->Consume(2 * kUsualRate);
  }

  void Break() override {
    switch (trouble_) {
      case Trouble::kStopped:
      case Trouble::kStoppedUnseen:
        return traffic_->Consume(0);
      case Trouble::kSlow:
        return traffic_->Consume(8);
      case Trouble::kPoison:
        return traffic_->Poison();
      case Trouble::kStuck:
        return traffic_->Stick();
      case Trouble::kBurst:
        return traffic_->Burst(2000);
      case Trouble::kBurstObjective:
        return traffic_->Burst(3000);
      case Trouble::kNearLoss:
        traffic_->Consume(kUsualRate / 2);
        return traffic_->Produce(2 * kUsualRate);
      case Trouble::kLoss:
        traffic_->Consume(0);
        traffic_->Burst(500);
        return traffic_->RemoveMessages();
      default:
        return;
    }
  }

  // Restarts, a second consumer that comes and goes (on Kafka: rebalances), bursts.
  void GoOn() override {
    if (trouble_ != Trouble::kHealthy) return;
    switch (step_++ % 8) {
      case 0:
        // In one step: the next one may be late, as a broker that starts keeps everybody waiting.
        traffic_->Consume(0);
        std::this_thread::sleep_for(std::chrono::seconds(1));
        return traffic_->Consume(kFast);
      case 3:
        return traffic_->ConsumeInPairs(true);
      case 5:
        return traffic_->ConsumeInPairs(false);
      case 6:
        return traffic_->Burst(200);
      default:
        return;
    }
  }

  void Cure() override {
    if (trouble_ != Trouble::kHealthy) traffic_->Consume(kFast);
    if (trouble_ == Trouble::kNearLoss) traffic_->Produce(kUsualRate);
  }

  std::optional<std::string> failure() const override { return traffic_->failure(); }

 private:
  Trouble trouble_;
  std::unique_ptr<Traffic> traffic_;
  int step_ = 0;
};

class RedisOutage : public Situation {
 public:
  RedisOutage(RedisServer& server, TrafficNames names) : server_(server), names_(std::move(names)) {
    CreateGroup();
  }
  void Prelude() override {
    RedisClient client = server_.Connect();
    for (int i = 0; i < 10; ++i) client.Command({"XADD", names_.stream, "*", "item", "book"});
  }
  void Break() override { server_.Kill(); }
  void Cure() override {
    server_.Start();  // it has kept nothing
    CreateGroup();
  }

 private:
  void CreateGroup() {
    RedisClient client = server_.Connect();
    client.Command({"XGROUP", "CREATE", names_.stream, names_.group, "0", "MKSTREAM"});
  }

  RedisServer& server_;
  TrafficNames names_;
};

class KafkaOutage : public Situation {
 public:
  KafkaOutage(KafkaBroker& broker, TrafficNames names) : broker_(broker), names_(std::move(names)) {
    KafkaClient client = broker_.Connect();
    client.CreateTopic(names_.stream);
    client.CommitOffsets(names_.group, {{names_.stream, 0, 0}});
  }
  void Prelude() override { broker_.Connect().Produce(names_.stream, 0, 10); }
  void Break() override { broker_.Kill(); }
  void Cure() override {
    broker_.Start();
    broker_.Connect().CommitOffsets(names_.group, {{names_.stream, 0, 10}});
  }

 private:
  KafkaBroker& broker_;
  TrafficNames names_;
};

class AgentOutage : public Situation {
 public:
  explicit AgentOutage(AgentProcess& agent) : agent_(agent) {}
  void Break() override { agent_.Kill(); }
  void Cure() override { agent_.Start(); }

 private:
  AgentProcess& agent_;
};

}  // namespace

std::unique_ptr<Situation> TrafficTrouble(Trouble trouble, std::unique_ptr<Traffic> traffic) {
  return std::make_unique<TrafficSituation>(trouble, std::move(traffic));
}

std::unique_ptr<Situation> KilledRedis(RedisServer& server, TrafficNames names) {
  return std::make_unique<RedisOutage>(server, std::move(names));
}

std::unique_ptr<Situation> KilledKafka(KafkaBroker& broker, TrafficNames names) {
  return std::make_unique<KafkaOutage>(broker, std::move(names));
}

std::unique_ptr<Situation> KilledAgent(AgentProcess& agent) {
  return std::make_unique<AgentOutage>(agent);
}

}  // namespace streamgauge::test
