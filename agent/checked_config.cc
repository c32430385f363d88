#include "checked_config.h"

#include <utility>

#include "config/loader.h"
#include "kafka/properties.h"

namespace streamgauge {

std::expected<Config, ConfigProblems> ParseCheckedConfig(const std::string& text,
                                                         const std::filesystem::path& file,
                                                         const Environment& environment) {
  return ParseConfig(text, file, environment, ValidateKafkaProperties);
}

std::expected<CheckedConfig, ConfigProblems> LoadCheckedConfig(const std::filesystem::path& file,
                                                               const Environment& environment) {
  auto text = ReadConfigFile(file);
  if (!text) return std::unexpected(std::move(text.error()));
  auto config = ParseCheckedConfig(*text, file, environment);
  if (!config) return std::unexpected(std::move(config.error()));
  return CheckedConfig{std::move(*config), std::move(*text)};
}

std::string Lines(const ConfigProblems& problems) {
  std::string lines;
  for (const ConfigProblem& problem : problems) lines += problem.ToString() + "\n";
  return lines;
}

}  // namespace streamgauge
