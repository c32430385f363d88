#include "explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "config/name_filter.h"
#include "config/suggestion.h"
#include "explain/explain_text.h"
#include "model/name.h"
#include "model/source.h"
#include "signals/analyzer.h"

namespace streamgauge {
namespace {

std::string Suggestion(std::string_view word, const std::vector<std::string>& known) {
  const auto nearest = NearestWord(word, known);
  return nearest ? fmt::format("; did you mean {}?", OnOneLine(*nearest)) : "";
}

const TargetConfig* FindTarget(const Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.targets, name, &TargetConfig::name);
  return found == config.targets.end() ? nullptr : &*found;
}

std::string NoSuchTarget(const Config& config, std::string_view name) {
  std::vector<std::string> names;
  std::ranges::transform(config.targets, std::back_inserter(names), &TargetConfig::name);
  return fmt::format("no target {}{} (targets: {})", OnOneLine(name), Suggestion(name, names),
                     fmt::join(names, ", "));
}

// Why the configuration leaves it out; empty where it does not. Redis has streams whatever groups
// are watched.
std::string_view LeftOut(const TargetConfig& target, const ExplainRequest& request,
                         bool stream_is_there) {
  return std::visit(
      [&](const auto& backbone) -> std::string_view {
        constexpr bool kRedis = std::is_same_v<std::decay_t<decltype(backbone)>, RedisTargetConfig>;
        if (!backbone.streams.Matches(request.stream)) return "the target's streams leave it out";
        if ((stream_is_there || !kRedis) && !backbone.groups.Matches(request.group)) {
          return "the target's groups leave it out";
        }
        if (!backbone.shard.Owns(kRedis ? request.stream : request.group)) {
          return "it belongs to another shard";
        }
        return "";
      },
      target.backbone);
}

// It may be there and not be read.
std::string UnreadStreams(const Reading& reading) {
  std::string words;
  for (const SkippedItems& one : reading.skipped) {
    if (one.kind == "stream") words += fmt::format(" ({} not read: {})", one.count, one.reason);
  }
  return words;
}

std::string NoSuchGroup(const TargetConfig& target, const ExplainRequest& request,
                        const Reading& reading) {
  const auto named = [](const auto& one) { return std::string(one.name->text()); };
  std::vector<std::string> streams;
  std::ranges::transform(reading.streams, std::back_inserter(streams), named);
  const auto stream = std::ranges::find(streams, request.stream);
  const std::string_view left_out = LeftOut(target, request, stream != streams.end());
  const std::string why = left_out.empty() ? "" : fmt::format(": {}", left_out);
  if (stream == streams.end()) {
    return fmt::format("target {} has no stream {}{}{}{}", request.target,
                       OnOneLine(request.stream), why, Suggestion(request.stream, streams),
                       UnreadStreams(reading));
  }
  std::vector<std::string> groups;
  for (const GroupReading& group : reading.groups) {
    if (group.stream == stream - streams.begin()) groups.push_back(named(group));
  }
  return fmt::format("stream {} of target {} has no group {}{}{}{}", OnOneLine(request.stream),
                     request.target, OnOneLine(request.group), why,
                     Suggestion(request.group, groups),
                     groups.empty() && why.empty() ? " (it has none)" : "");
}

std::optional<std::size_t> FindGroup(const Reading& reading, const ExplainRequest& request) {
  for (std::size_t i = 0; i < reading.groups.size(); ++i) {
    const GroupReading& group = reading.groups[i];
    const bool is_it = group.name->text() == request.group &&
                       reading.streams[group.stream].name->text() == request.stream;
    if (is_it) return i;
  }
  return std::nullopt;
}

}  // namespace

ExplainOutcome RunExplain(const Config& config, const SourceFactory& make_source,
                          const ExplainRequest& request, std::ostream& out, std::ostream& err) {
  const TargetConfig* target = FindTarget(config, request.target);
  if (target == nullptr) {
    err << "streamgauge: " << NoSuchTarget(config, request.target) << "\n";
    return ExplainOutcome::kNoTarget;
  }
  Trace trace;
  const TracedGroup traced{request.stream, request.group, &trace};
  const auto source = make_source(*target, config.stale_after);
  source->SetTraced(&traced);
  Analyzer analyzer(target->name, config.signals, config.objectives);
  ReportRef report;
  for (int poll = 0; poll < request.polls; ++poll) {
    if (poll > 0) std::this_thread::sleep_for(request.every);
    trace.Clear();
    Result<Reading> reading = source->Poll(std::stop_token());
    if (!reading) {
      err << fmt::format("streamgauge: {} target {}: {}: {}\n", target->system(), target->name,
                         ToString(reading.error().reason), reading.error().message);
      return ExplainOutcome::kFailed;
    }
    // A group that is not there will hardly come while we wait.
    if (!FindGroup(*reading, request)) {
      err << "streamgauge: " << NoSuchGroup(*target, request, *reading) << "\n";
      return ExplainOutcome::kFailed;
    }
    report = analyzer.Analyze(std::move(*reading), &traced);
  }
  out << ExplainText(
      {request, trace, *report, *FindGroup(report->reading, request), config.signals.window});
  out.flush();
  return out.good() ? ExplainOutcome::kExplained : ExplainOutcome::kFailed;
}

}  // namespace streamgauge
