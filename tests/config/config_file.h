// Configuration files for the loader's tests, and what the loader says of them.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/loader.h"

namespace streamgauge::test {

inline Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline std::expected<Config, ConfigProblems> Parse(const std::string& text,
                                                   const Environment& environment = Variables({})) {
  return ParseConfig(text, "agent.yaml", environment);
}

inline std::vector<std::string> Messages(const std::string& text,
                                         const Environment& environment = Variables({})) {
  const auto config = Parse(text, environment);
  std::vector<std::string> messages;
  if (config) return messages;
  for (const ConfigProblem& problem : config.error()) messages.push_back(problem.ToString());
  return messages;
}

// A whole file with this in its redis target / at its top / as its kafka target's own.
inline std::string WithRedis(const std::string& lines) {
  return "targets:\n  - name: r\n    type: redis\n    address: redis://h\n" + lines;
}
inline std::string WithTop(const std::string& lines) {
  return lines + "\ntargets: [{name: r, type: redis, address: redis://h}]\n";
}
inline std::string WithKafka(const std::string& lines) {
  return "targets:\n  - name: k\n    type: kafka\n    brokers: [h:9092]\n" + lines;
}

}  // namespace streamgauge::test
