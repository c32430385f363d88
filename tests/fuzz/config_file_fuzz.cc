// Whatever is in the configuration file: a configuration or problems with their places, the same
// each time, and the content of variables in none of them.
#include <algorithm>
#include <string>

#include "config/loader.h"
#include "fuzz/fuzzer.h"

namespace streamgauge {
namespace {

using test::Require;

// What every variable holds: no problem may show it, wherever it was put.
constexpr const char* kSecret = "sWordFish-4711";

void CheckProblem(const ConfigProblem& problem, std::string_view input) {
  const std::string line = problem.ToString();
  Require(!problem.text.empty(), "a problem says something", line);
  const auto lines = 1 + std::ranges::count(input, '\n') + std::ranges::count(input, '\r');
  Require(problem.line >= 0 && problem.line <= lines + 1, "a problem is in the file", line);
  if (input.find(kSecret) != std::string_view::npos) return;
  Require(line.find(kSecret) == std::string::npos, "a problem shows no variable's content", line);
}

void CheckConfig(const Config& config) {
  Require(!config.targets.empty(), "there is something to watch");
  for (const TargetConfig& target : config.targets) {
    Require(!target.name.empty(), "a target has a name");
    Require(target.timeout < target.poll_interval, "a request ends before the next poll");
    Require(config.stale_after > target.poll_interval, "figures live until the next poll");
    const auto* redis = std::get_if<RedisTargetConfig>(&target.backbone);
    Require(redis == nullptr || !redis->addresses.empty(), "a Redis target has an address");
    const auto* kafka = std::get_if<KafkaTargetConfig>(&target.backbone);
    Require(kafka == nullptr || !kafka->brokers.empty(), "a Kafka target has a broker");
  }
  Require(config.shard.index < config.shard.total, "a shard is one of all");
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(config_file) {
  using namespace streamgauge;
  const std::string text(input);
  const Environment environment = [](const std::string&) { return kSecret; };
  const auto config = ParseConfig(text, "agent.yaml", environment);
  const auto again = ParseConfig(text, "agent.yaml", environment);
  Require(config.has_value() == again.has_value(), "the same text means the same");
  if (config) {
    CheckConfig(*config);
    Require(*config == *again, "the same text means the same");
    return;
  }
  Require(!config.error().empty(), "what is refused has a problem");
  for (const ConfigProblem& problem : config.error()) CheckProblem(problem, input);
}
