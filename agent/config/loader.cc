#include "config/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "config/duration.h"
#include "config/read_file.h"
#include "config/sections.h"

namespace streamgauge {
namespace {

// REQUIRES: targets is not empty.
const TargetConfig& SlowestTarget(const std::vector<TargetConfig>& targets) {
  return *std::ranges::max_element(targets, {}, &TargetConfig::poll_interval);
}

// False where a target's times are not those that the user means: then nothing is judged by them.
bool TimesAreSound(const Section& root) {
  return std::ranges::none_of(root.scope().problems, [](const ConfigProblem& problem) {
    return problem.path.ends_with("poll_interval") || problem.path.ends_with(".timeout");
  });
}

// Figures that went before the next poll can have ended would flicker on a healthy target.
void CheckStaleAfter(Section& root, Config& config) {
  if (!root.Given("stale_after")) {
    const Duration three_polls = 3 * SlowestTarget(config.targets).poll_interval;
    config.stale_after = std::max(config.stale_after, three_polls);
    return;
  }
  if (!root.IsSound("stale_after")) return;
  const auto longest_poll = [](const TargetConfig& target) {
    return target.poll_interval + target.timeout;
  };
  const TargetConfig& target = *std::ranges::max_element(config.targets, {}, longest_poll);
  const Duration least = longest_poll(target);
  if (config.stale_after >= least) return;
  root.Fail("stale_after",
            fmt::format("{} is too short for target {}: at least its poll_interval + timeout ({})",
                        FormatDuration(config.stale_after), target.name, FormatDuration(least)));
}

// A rate needs three points within the window.
void CheckWindow(Section& root, const Config& config) {
  const TargetConfig& slowest = SlowestTarget(config.targets);
  const Duration least = 3 * slowest.poll_interval;
  if (config.signals.window >= least) return;
  Section signals = root.Child("signals");
  if (!signals.IsSound("window")) return;
  signals.Fail("window", fmt::format("{} is too short for target {}: at least three times its "
                                     "poll_interval ({})",
                                     FormatDuration(config.signals.window), slowest.name,
                                     FormatDuration(least)));
}

Config ReadAll(Section& root) {
  Config config;
  TargetDefaults defaults{.poll_interval = TargetConfig().poll_interval, .shard = {}};
  root.Read("poll_interval", defaults.poll_interval, std::chrono::milliseconds(100),
            std::chrono::hours(1));
  root.Read("stale_after", config.stale_after, std::chrono::milliseconds(100),
            std::chrono::hours(24));
  ReadHttp(root.Child("http"), config.http);
  ReadLog(root.Child("log"), config.log);
  ReadSignals(root.Child("signals"), config.signals);
  ReadShard(root.Child("shard"), config.shard);
  defaults.shard = config.shard;
  config.targets = ReadTargets(root, defaults);
  config.objectives = ReadObjectives(root, config.targets);
  if (!config.targets.empty() && TimesAreSound(root)) {
    CheckStaleAfter(root, config);
    CheckWindow(root, config);
  }
  root.Finish();
  return config;
}

}  // namespace

std::expected<std::string, ConfigProblems> ReadConfigFile(const std::filesystem::path& file) {
  auto content = ReadFile(file);
  if (content) return std::move(*content);
  return std::unexpected(ConfigProblems{
      {file.string(), 0, "", "the configuration cannot be read: " + content.error()}});
}

std::expected<Config, ConfigProblems> ParseConfig(const std::string& text,
                                                  const std::filesystem::path& file,
                                                  const Environment& environment,
                                                  const PropertyCheck& check_properties) {
  auto document = ParseYaml(text, file.string());
  if (!document) return std::unexpected(std::move(document.error()));
  ConfigScope scope{.file = file.string(),
                    .folder = file.parent_path(),
                    .environment = environment,
                    .check_properties = check_properties,
                    .problems = std::move(document->problems),
                    .known_keys = {}};
  const YamlNodeRef top = document->root;
  Section root(scope, top, top->line, "");
  if (top->kind != YamlNode::Kind::kMapping && !scope.problems.empty()) {
    return std::unexpected(std::move(scope.problems));
  }
  Config config = ReadAll(root);
  if (scope.problems.empty()) return config;
  std::ranges::stable_sort(scope.problems, {}, &ConfigProblem::line);
  return std::unexpected(std::move(scope.problems));
}

std::set<std::string> KnownConfigKeys() {
  // Readers ask for all keys of their sections, whether they are there or not.
  const auto document =
      ParseYaml("{targets: [{type: redis}, {type: kafka}], objectives: [{}]}", "");
  ConfigScope scope;
  Section root(scope, document->root, 1, "");
  ReadAll(root);
  return std::move(scope.known_keys);
}

}  // namespace streamgauge
