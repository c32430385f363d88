#include "support/monitoring.h"

#include <filesystem>

#include "build_paths.h"

namespace streamgauge::test {
namespace {

std::string Changed(const MonitoringOptions& options, const std::string& yaml) {
  return options.change ? options.change(yaml) : yaml;
}

// A pattern of the rule files to load.
std::filesystem::path Rules(const MonitoringOptions& options, const TempDir& folder) {
  const std::filesystem::path alerts = build_paths::Source() / "alerts";
  constexpr const char* kPattern = "*.rules.yml";
  if (!options.change) return alerts / kPattern;
  for (const auto& file : std::filesystem::directory_iterator(alerts)) {
    const std::string name = file.path().filename();
    if (!name.ends_with(".rules.yml")) continue;
    folder.Write(name, options.change(ReadFile(file.path())));
  }
  return folder.path() / kPattern;
}

}  // namespace

Monitoring::Monitoring(const MonitoringOptions& options)
    : alertmanager_(Changed(options, ExampleAlertmanagerConfiguration(receiver_.port()))),
      prometheus_({.agents = options.agents,
                   .interval = options.interval,
                   .rules = {Rules(options, rules_)},
                   .alertmanager = alertmanager_.port()}) {}

std::string Monitoring::Failure() {
  if (prometheus_.Running() && alertmanager_.Running()) return "";
  return "Prometheus or Alertmanager has ended:\n" + Complaints();
}

std::string Monitoring::Complaints() const {
  return "prometheus:\n" + prometheus_.OutputTail() + "\nalertmanager:\n" +
         alertmanager_.OutputTail() + "\n";
}

}  // namespace streamgauge::test
