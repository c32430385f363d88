// The agent for a long time: real Redis, Valkey and Kafka whose streams, groups, consumers and
// topics come and go, servers that restart and configurations that change, while every figure is
// compared with the truth. Memory, threads and descriptors must not grow, and no poll be missed.
//
// SOAK_SECONDS=n: how long; without it an hour.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "faults/kafka_world.h"
#include "faults/redis_world.h"
#include "faults/resources.h"
#include "faults/sanitized.h"
#include "faults/witness.h"
#include "soak/churn.h"
#include "soak/flatness.h"
#include "soak/soak_options.h"
#include "support/agent_process.h"
#include "support/kafka_broker.h"
#include "support/redis_server.h"
#include "support/require.h"
#include "support/wait_for.h"

namespace streamgauge::test {

std::chrono::seconds SoakDuration() {
  const char* seconds = std::getenv("SOAK_SECONDS");
  return std::chrono::seconds(seconds != nullptr ? std::atol(seconds) : 3600);
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr const char* kPrefix = "steady-";
constexpr int kRoundsBetweenReloads = 7;
constexpr int kRoundsBetweenRestarts = 20;

// A target's polls, counted while its server is there.
class PollCount {
 public:
  void Begin(double polls) { begun_ = {Clock::now(), polls}; }
  // Before its server goes, and at the end.
  void End(double polls) {
    if (!begun_) return;
    seconds_ += std::chrono::duration<double>(Clock::now() - begun_->first).count();
    polls_ += polls - begun_->second;
    begun_.reset();
  }
  double polls() const { return polls_; }
  double due() const { return seconds_ / std::chrono::duration<double>(kSoakPollInterval).count(); }

 private:
  std::optional<std::pair<Clock::time_point, double>> begun_;
  double polls_ = 0;
  double seconds_ = 0;
};

struct RedisPart {
  RedisServer server;
  RedisWorld world;
  RedisChurn churn;

  RedisPart(RedisKind kind, const std::string& target, std::uint32_t seed)
      : server({.kind = kind, .arguments = {"--stream-node-max-entries", "3"}, .env = {}}),
        world(server.port(), target),
        churn(server.port(), target, seed) {}

  // It comes back empty.
  void Restart() {
    world.Rest();
    world.Vanish();
    server.Kill();
    server.Start();
    world.Reconnect();
    world.Fill();
    churn.BeginAnew();
    world.GoOn();
  }
};

class Soak {
 public:
  Soak()
      : redis_(RedisKind::kRedis, "redis", 1),
        valkey_(RedisKind::kValkey, "valkey", 2),
        kafka_world_(broker_.bootstrap(), kPrefix, kSoakStaleAfter, kSoakPollInterval, "kafka"),
        kafka_churn_(broker_.bootstrap(), "kafka"),
        agent_(
            {.configuration = Configuration(false), .arguments = {}, .env = {}, .log_file = {}}) {
    for (World* world : Worlds()) {
      witnesses_.push_back(std::make_unique<Witness>(agent_, *world, kSoakStaleAfter));
    }
  }

  void Run(seconds duration) {
    const auto until = Clock::now() + duration;
    AwaitAll([](const Glimpse& glimpse) { return glimpse.right; });
    AwaitTwoPolls();
    begin_ = ResourcesOf(agent_.process().pid());
    // From here on groups and keys are moved by hand, which leaves gaps in all totals.
    for (RedisPart* part : {&redis_, &valkey_}) part->world.TotalsMayFallShort();
    for (std::size_t i = 0; i < polls_.size(); ++i) polls_[i].Begin(witnesses_[i]->Look().polls);
    while (Clock::now() < until) Round();
    for (std::size_t i = 0; i < polls_.size(); ++i) polls_[i].End(witnesses_[i]->Look().polls);
    Calm();
  }

  // In words, everything that is not as it should be.
  std::vector<std::string> Problems() const {
    std::vector<std::string> all = problems_;
    const auto add = [&all](const std::vector<std::string>& more) {
      all.insert(all.end(), more.begin(), more.end());
    };
    add(comparisons_.wrong);
    for (const auto& witness : witnesses_) add(witness->lies());
    for (const World* world :
         {static_cast<const World*>(&redis_.world), static_cast<const World*>(&valkey_.world),
          static_cast<const World*>(&kafka_world_)}) {
      if (!world->failure().empty()) all.push_back("the world itself broke: " + world->failure());
    }
    if (!kSanitized && rss_.last() > rss_.middle() + kSoakRssGrowthKib) {
      all.push_back(fmt::format("memory grows: {} KiB, later {}", rss_.middle(), rss_.last()));
    }
    for (const PollCount& count : polls_) {
      if (count.polls() >= kSoakLeastPolls * count.due() - 2) continue;
      all.push_back(fmt::format("{} polls of {:.0f} due", count.polls(), count.due()));
    }
    return all;
  }

  std::string Table() const {
    std::uint64_t scrapes = 0;
    for (const auto& witness : witnesses_) scrapes += witness->looks();
    std::string table = fmt::format(
        "soak                     | what came of it\n"
        "churn                    | {} rounds, {} server restarts, {} reloads\n"
        "figures compared at rest | {}, of which {} wrong (on {} series a page)\n"
        "scrapes in motion        | {}, every figure of the worlds compared\n",
        rounds_, restarts_, reloads_, comparisons_.figures, comparisons_.wrong.size(), series_,
        scrapes);
    const std::array<const char*, 3> names = {"redis", "valkey", "kafka"};
    for (std::size_t i = 0; i < names.size(); ++i) {
      table += fmt::format("polls of {:<6}          | {} of {:.0f} due\n", names[i],
                           polls_[i].polls(), polls_[i].due());
    }
    const double mib = 1024;
    table += fmt::format(
        "RSS MiB                  | {:.1f} at the beginning, {:.1f} in the middle third, {:.1f} in "
        "the last (at most {:.0f} more)\n"
        "threads                  | {}, then {}\n"
        "descriptors              | {}, then {}\n"
        "CPU of the agent         | {:.1f} s\n"
        "problems                 | {}\n",
        begin_.rss_kib / mib, rss_.middle() / mib, rss_.last() / mib, kSoakRssGrowthKib / mib,
        begin_.threads, end_.threads, begin_.descriptors, end_.descriptors,
        end_.cpu_seconds - begin_.cpu_seconds, Problems().size());
    return table;
  }

 private:
  std::array<World*, 3> Worlds() { return {&redis_.world, &valkey_.world, &kafka_world_}; }

  // With a target more, which is not there, or without it.
  std::string Configuration(bool another) const {
    std::string text =
        fmt::format("poll_interval: {}ms\nstale_after: {}ms\nsignals: {{window: 10s}}\ntargets:\n",
                    kSoakPollInterval.count(), kSoakStaleAfter.count());
    for (const auto& [name, port] :
         {std::pair("redis", redis_.server.port()), std::pair("valkey", valkey_.server.port())}) {
      text += fmt::format(
          "  - {{name: {}, type: redis, address: \"redis://127.0.0.1:{}\", timeout: 400ms, "
          "discovery_interval: 1s}}\n",
          name, port);
    }
    text += fmt::format(
        "  - {{name: kafka, type: kafka, brokers: [\"{}\"], timeout: 450ms, "
        "streams: {{exclude: [\"__*\"]}}}}\n",
        broker_.bootstrap());
    if (another) {
      // By another name each time: the sums of a target that was taken out begin anew.
      text += fmt::format(
          "  - {{name: another-{}, type: redis, address: \"redis://127.0.0.1:1\"}}\n", reloads_);
    }
    return text;
  }

  template <typename Found>
  void AwaitAll(Found found) {
    for (const auto& witness : witnesses_) {
      if (!witness->Await(found, seconds(30)))
        problems_.emplace_back("a target does not get right");
    }
  }

  // Two polls of every target: one that began when the churn had come to rest has ended.
  void AwaitTwoPolls() {
    for (const auto& witness : witnesses_) {
      const double from = witness->Look().polls;
      (void)witness->Await([&](const Glimpse& g) { return g.polls >= from + 2; }, seconds(30));
    }
  }

  void Round() {
    ++rounds_;
    redis_.churn.Advance();
    valkey_.churn.Advance();
    if (rounds_ % 3 == 0) kafka_churn_.Advance();
    AwaitTwoPolls();
    const MetricsPage page = agent_.Metrics();
    redis_.churn.Compare(page, comparisons_);
    valkey_.churn.Compare(page, comparisons_);
    kafka_churn_.Compare(page, comparisons_);
    series_ = page.size();
    const Resources now = ResourcesOf(agent_.process().pid());
    rss_.Add(now.rss_kib);
    if (rounds_ % kRoundsBetweenReloads == 0) Reload();
    if (rounds_ % kRoundsBetweenRestarts == 0) Restart();
    TellNewLies();
  }

  // Nobody should have to wait for the end of an hour.
  void TellNewLies() {
    std::vector<std::string> all = comparisons_.wrong;
    for (const auto& witness : witnesses_) {
      all.insert(all.end(), witness->lies().begin(), witness->lies().end());
    }
    for (const std::string& lie : all) {
      if (told_.insert(lie).second) fmt::print("round {}: {}\n", rounds_, lie);
    }
    std::fflush(stdout);
  }

  void Reload() {
    ++reloads_;
    agent_.Reload(Configuration(reloads_ % 2 == 1));
  }

  void Restart() {
    const auto which = static_cast<std::size_t>(restarts_++) % polls_.size();
    polls_[which].End(witnesses_[which]->Look().polls);
    if (which == 2) {
      kafka_world_.Rest();
      broker_.Restart();
      kafka_world_.GoOn();
    } else {
      (which == 0 ? redis_ : valkey_).Restart();
    }
    (void)witnesses_[which]->Await([](const Glimpse& g) { return g.right; }, seconds(30));
    polls_[which].Begin(witnesses_[which]->Look().polls);
  }

  // Without the target more, and when what was under way is over.
  void Calm() {
    if (reloads_ % 2 == 1) Reload();
    AwaitAll([](const Glimpse& glimpse) { return glimpse.up.value_or(false); });
    const bool back = WaitFor(
        [this] {
          end_ = ResourcesOf(agent_.process().pid());
          return end_.threads <= begin_.threads && end_.descriptors <= begin_.descriptors;
        },
        seconds(15), milliseconds(100));
    if (!back) problems_.emplace_back("threads or descriptors have grown");
  }

  KafkaBroker broker_{{.properties = {}, .offsets_partitions = 3}};
  RedisPart redis_;
  RedisPart valkey_;
  KafkaWorld kafka_world_;
  KafkaChurn kafka_churn_;
  AgentProcess agent_;
  std::vector<std::unique_ptr<Witness>> witnesses_;
  std::array<PollCount, 3> polls_;

  int rounds_ = 0;
  int reloads_ = 0;
  int restarts_ = 0;
  std::size_t series_ = 0;
  Flatness rss_;
  Resources begin_;  // when all was well for the first time
  Resources end_;
  Comparisons comparisons_;
  std::vector<std::string> problems_;
  std::set<std::string> told_;
};

// On the terminal, and where the script that runs this looks for it.
void Show(const std::string& table) {
  fmt::print("\n{}\n", table);
  const char* file = std::getenv("STREAMGAUGE_SOAK_REPORT");
  if (file == nullptr) return;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << table;
}

TEST(Soak, NothingGrowsAndNothingIsFalse) {
  STREAMGAUGE_REQUIRE(RedisServer::Available(RedisKind::kRedis) &&
                          RedisServer::Available(RedisKind::kValkey) && KafkaBroker::Available(),
                      "Redis, Valkey, Kafka: run tools/setup.sh test");
  Soak soak;
  soak.Run(SoakDuration());
  Show(soak.Table());
  for (const std::string& problem : soak.Problems()) ADD_FAILURE() << problem;
}

}  // namespace
}  // namespace streamgauge::test
