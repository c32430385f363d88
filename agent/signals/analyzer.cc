#include "signals/analyzer.h"

#include <utility>

#include "signals/consumers.h"
#include "signals/objectives.h"

namespace streamgauge {

struct Analyzer::State {
  SignalsConfig config;
  Objectives objectives;
};

Analyzer::Analyzer(std::string target, const SignalsConfig& signals,
                   std::vector<Objective> objectives)
    : state_(std::make_unique<State>(State{signals, Objectives(target, std::move(objectives))})) {}

Analyzer::~Analyzer() = default;

ReportRef Analyzer::Analyze(Reading reading) {
  auto report = std::make_shared<Report>();
  report->streams.resize(reading.streams.size());
  report->groups.resize(reading.groups.size());
  for (std::size_t i = 0; i < reading.groups.size(); ++i) {
    const GroupReading& group = reading.groups[i];
    GroupSignals& signals = report->groups[i];
    if (group.lag) signals.backlog = *group.lag + group.pending.value_or(0);
    signals.consumers = CountConsumers(group, state_->config.dead_after);
    signals.objective_seconds =
        state_->objectives.For(reading.streams[group.stream].name->text(), group.name->text());
  }
  report->reading = std::move(reading);
  return report;
}

}  // namespace streamgauge
