#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "config/duration.h"
#include "config/sections.h"

namespace streamgauge {
namespace {

enum class Backbone : std::uint8_t { kRedis, kKafka };
constexpr std::array<std::pair<std::string_view, Backbone>, 2> kBackbones = {
    {{"redis", Backbone::kRedis}, {"kafka", Backbone::kKafka}}};

void ReadBackbone(Backbone backbone, Section& section, TargetConfig& target) {
  switch (backbone) {
    case Backbone::kRedis:
      return ReadRedis(section, target.backbone.emplace<RedisTargetConfig>());
    case Backbone::kKafka:
      return ReadKafka(section, target.backbone.emplace<KafkaTargetConfig>());
  }
}

// The keys of a type are those that its reader asks for.
std::set<std::string, std::less<>> KeysOf(Backbone backbone) {
  ConfigScope scratch;
  Section section(scratch, std::make_shared<YamlNode>(), 0, "");
  TargetConfig target;
  ReadBackbone(backbone, section, target);
  return section.asked();
}

// Keys of another type are no misspellings: say where they belong.
void JudgeForeignKeys(Section& section, std::string_view type) {
  for (const auto& [name, backbone] : kBackbones) {
    if (name == type) continue;
    const auto foreign = KeysOf(backbone);
    for (const std::string& key : section.UnknownKeys()) {
      if (!foreign.contains(key)) continue;
      (void)section.Given(key);  // from here on it counts as known
      section.Fail(key, fmt::format("is a key of type {}, not of {}", name, type));
    }
  }
}

// Without a type, keys of any count as known: the missing type is the one thing to mend.
void AllowKeysOfAnyType(Section& section) {
  for (const auto& [name, backbone] : kBackbones) {
    for (const std::string& key : KeysOf(backbone)) (void)section.Given(key);
  }
}

std::optional<Backbone> ReadType(Section& section) {
  section.Require("type", "what the target is (redis or kafka)");
  std::optional<Backbone> type;
  std::array<std::pair<std::string_view, std::optional<Backbone>>, kBackbones.size()> choices;
  std::ranges::copy(kBackbones, choices.begin());
  section.Read("type", type, Choices<std::optional<Backbone>>(choices));
  return type;
}

void ReadName(Section& section, std::map<std::string, std::string>& paths_by_name,
              std::string& name) {
  constexpr std::size_t kLongest = 100;
  section.Require("name", "the target's name in metrics and logs, one of its own");
  const auto value = section.Text("name");
  if (!value) return;
  name = value->text;
  const bool control = std::ranges::any_of(name, [](unsigned char c) { return c < 0x20; });
  if (name.empty() || name.size() > kLongest || control) {
    section.Fail(*value, fmt::format("{} is no name (1 to {} bytes without control characters)",
                                     value->quoted(), kLongest));
    return;
  }
  const auto [first, fresh] = paths_by_name.emplace(name, value->path);
  if (!fresh) {
    section.Fail(*value, fmt::format("{} is taken by {}; names must be unique", value->quoted(),
                                     first->second));
  }
}

// Every network call ends before the next poll is due. A short interval brings its own default.
void ReadTimes(Section& section, TargetConfig& target) {
  using std::chrono::milliseconds;
  section.Read("poll_interval", target.poll_interval, milliseconds(100), std::chrono::hours(1));
  target.timeout = std::min<Duration>(std::chrono::seconds(5), target.poll_interval / 2);
  section.Read("timeout", target.timeout, milliseconds(10), std::chrono::hours(1));
  if (!section.IsSound("poll_interval") || !section.IsSound("timeout")) return;
  if (target.timeout >= target.poll_interval) {
    section.Fail("timeout",
                 fmt::format("must be shorter than poll_interval, {} is not below {}",
                             FormatDuration(target.timeout), FormatDuration(target.poll_interval)));
  }
}

}  // namespace

std::vector<TargetConfig> ReadTargets(Section& root, const TargetDefaults& defaults) {
  std::vector<TargetConfig> targets;
  std::map<std::string, std::string> paths_by_name;
  for (Section& section : root.Children("targets")) {
    TargetConfig target;
    target.poll_interval = defaults.poll_interval;
    ReadName(section, paths_by_name, target.name);
    const std::optional<Backbone> type = ReadType(section);
    ReadTimes(section, target);
    section.Read("max_series", target.max_series, 1, 100'000'000);
    if (type) {
      ReadBackbone(*type, section, target);
      std::visit([&](auto& backbone) { backbone.shard = defaults.shard; }, target.backbone);
      JudgeForeignKeys(section, target.system());
    } else {
      AllowKeysOfAnyType(section);
    }
    section.Finish();
    targets.push_back(std::move(target));
  }
  if (!root.Given("targets") || root.IsEmptyList("targets")) {
    root.Fail("targets", "there must be at least one target");
  }
  return targets;
}

}  // namespace streamgauge
