// From the configuration file to a Config, or to everything that is wrong with it. Keeps no state;
// callable from any thread. Secret files are named here and read where they are used.
#pragma once

#include <expected>
#include <filesystem>
#include <set>
#include <string>

#include "config/config.h"
#include "config/environment.h"
#include "config/problem.h"

namespace streamgauge {

// The file's content; a problem that names the cause when it cannot be read.
std::expected<std::string, ConfigProblems> ReadConfigFile(const std::filesystem::path& file);

// `file` is what problems name, and where relative paths start; nothing is read. Without
// `check_properties` the properties of Kafka targets are taken unseen.
std::expected<Config, ConfigProblems> ParseConfig(const std::string& text,
                                                  const std::filesystem::path& file,
                                                  const Environment& environment,
                                                  const PropertyCheck& check_properties = nullptr);

// Every key that a file may hold, with its sections: "poll_interval", "targets[].tls.ca_file".
std::set<std::string> KnownConfigKeys();

}  // namespace streamgauge
