// The configuration with every check that there is: those of config/ and those that only the
// libraries of a backbone can make.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "config/config.h"
#include "config/environment.h"
#include "config/problem.h"
#include "http/web_access.h"

namespace streamgauge {

std::expected<Config, ConfigProblems> ParseCheckedConfig(const std::string& text,
                                                         const std::filesystem::path& file,
                                                         const Environment& environment);

struct CheckedConfig {
  Config config;
  std::string text;  // the file's content that it was made from
  WebSettings web;   // what http.web_config_file says
};

// For a start: also what http.web_config_file names must be there and fit, since a door that should
// be closed must not stand open meanwhile.
std::expected<CheckedConfig, ConfigProblems> LoadCheckedConfig(const std::filesystem::path& file,
                                                               const Environment& environment);

// Everything that the above finds and, where that is nothing, what a start forgives because it may
// be mended while the agent runs: secrets and certificates that cannot be read, and what librdkafka
// refuses when it makes a client. For --check-config.
std::expected<Config, ConfigProblems> LoadProvenConfig(const std::filesystem::path& file,
                                                       const Environment& environment);

// The problems, one a line.
std::string Lines(const ConfigProblems& problems);

}  // namespace streamgauge
