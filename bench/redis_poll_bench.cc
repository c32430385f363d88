// The agent against one Redis with 1,000 and with 10,000 streams, 2 groups on each and 5 consumers
// in each, all of them with pending and with unread entries: nothing can be left out. Once at rest,
// and once with traffic on every stream. The last rows tell how many times as much ten times the
// streams cost. Takes two minutes.
//
//   redis_poll_bench [STREAMS] [POLL_INTERVAL_SECONDS] [POLLS]

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cost.h"
#include "support/redis_server.h"

namespace streamgauge::bench {
namespace {

using std::chrono::seconds;
using test::RedisClient;
using test::RedisCommand;

constexpr int kGroups = 2;
constexpr int kConsumers = 5;
constexpr int kEntries = 50;
constexpr int kReadByEach = 4;  // of which half are acknowledged

constexpr int kTimes = 10;

struct Settings {
  int streams = 1000;  // and kTimes as many
  Schedule schedule{.warm_up_polls = 4, .polls = 5, .idle = seconds(2)};
};

struct Costs {
  Cost at_rest;
  Cost traffic;
};

std::string Stream(int number) { return "stream:" + std::to_string(number); }
std::string Group(int number) { return "group" + std::to_string(number); }
std::string Consumer(int number) { return "consumer" + std::to_string(number); }

RedisCommand ReadOne(int stream, int group, int consumer, int count) {
  return {"XREADGROUP",       "GROUP",        Group(group),
          Consumer(consumer), "COUNT",        std::to_string(count),
          "STREAMS",          Stream(stream), ">"};
}

void FillStream(RedisClient& client, int stream) {
  std::vector<RedisCommand> commands;
  for (int entry = 1; entry <= kEntries; ++entry) {
    commands.push_back({"XADD", Stream(stream), "*", "payload", std::string(100, 'x')});
  }
  for (int group = 0; group < kGroups; ++group) {
    commands.push_back({"XGROUP", "CREATE", Stream(stream), Group(group), "0"});
    for (int consumer = 0; consumer < kConsumers; ++consumer) {
      commands.push_back(ReadOne(stream, group, consumer, kReadByEach));
    }
  }
  const auto replies = client.Pipeline(commands);
  std::vector<RedisCommand> acknowledge;
  for (int group = 0; group < kGroups; ++group) {
    acknowledge.push_back({"XACK", Stream(stream), Group(group)});
    for (int i = 0; i < kConsumers * kReadByEach; i += 2) {
      acknowledge.back().push_back(replies[static_cast<std::size_t>(i)].text);
    }
  }
  client.Pipeline(acknowledge);
}

std::string Version(RedisClient& client) {
  const std::string text = client.Command({"INFO", "server"}).text;
  const std::string field = "redis_version:";
  const std::size_t begin = text.find(field) + field.size();
  return text.substr(begin, text.find('\r', begin) - begin);
}

// One entry on every stream, read by one consumer of every group, once a second.
void Traffic(const std::stop_token& stop, std::uint16_t port, int streams) {
  RedisClient client(port);
  for (int round = 0; !stop.stop_requested(); ++round) {
    for (int stream = 0; stream < streams; ++stream) {
      std::vector<RedisCommand> commands = {{"XADD", Stream(stream), "*", "payload", "x"}};
      for (int group = 0; group < kGroups; ++group) {
        commands.push_back(ReadOne(stream, group, round % kConsumers, 1));
      }
      client.Pipeline(commands);
    }
    std::this_thread::sleep_for(seconds(1));
  }
}

Costs Run(int streams, const Schedule& schedule) {
  test::RedisServer redis;
  RedisClient client = redis.Connect();
  for (int stream = 0; stream < streams; ++stream) FillStream(client, stream);
  fmt::print("\nRedis {} with {} streams x {} groups x {} consumers, polled every {} s\n",
             Version(client), streams, kGroups, kConsumers, schedule.poll_interval.count());
  const std::string target = fmt::format(
      "type: redis, address: \"redis://{}/0\", max_streams: 100000, max_groups: 1000000",
      redis.address());
  const auto measure = [&](const char* condition) {
    return PrintAgentCost(condition, target, redis.pid(), schedule);
  };
  Costs costs;
  costs.at_rest = measure("at rest");
  const std::jthread traffic(
      [&](const std::stop_token& stop) { Traffic(stop, redis.port(), streams); });
  costs.traffic = measure("traffic");
  return costs;
}

void Run(const Settings& settings) {
  fmt::print("{}\n", MachineFacts());
  PrintCostHead();
  const Costs few = Run(settings.streams, settings.schedule);
  // Longer intervals, so that the poll's budget of time cuts nothing on a busy machine.
  Schedule slower = settings.schedule;
  slower.poll_interval *= 2;
  slower.polls = std::max(3, slower.polls / 2);
  slower.warm_up_polls = 3;
  const Costs many = Run(kTimes * settings.streams, slower);
  fmt::print("\n{} times the streams\n", kTimes);
  PrintRatio("at rest", few.at_rest, many.at_rest);
  PrintRatio("traffic", few.traffic, many.traffic);
}

}  // namespace
}  // namespace streamgauge::bench

int main(int argc, char** argv) {
  streamgauge::bench::Settings settings;
  if (argc > 1) settings.streams = std::atoi(argv[1]);
  if (argc > 2) settings.schedule.poll_interval = std::chrono::seconds(std::atoi(argv[2]));
  if (argc > 3) settings.schedule.polls = std::atoi(argv[3]);
  try {
    streamgauge::bench::Run(settings);
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return EXIT_FAILURE;
  }
}
