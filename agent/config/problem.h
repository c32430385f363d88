// What is wrong with a configuration, at one place of it. All problems are collected and shown at
// once. The text never holds a secret: values are shown as they stand in the file (with ${VAR}
// unreplaced), and those of secret keys not at all.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace streamgauge {

struct ConfigProblem {
  std::string file;
  int line = 0;      // from 1; 0: the file as a whole
  std::string path;  // e.g. targets[1].poll_interval; may be empty
  std::string text;  // what is wrong and what is allowed

  // agent.yaml:12: targets[1].poll_interval: "5x" is not a duration (try 5s, 2m)
  std::string ToString() const;
};

using ConfigProblems = std::vector<ConfigProblem>;

// What is wrong with a Kafka target's properties, a sentence each that begins with the property's
// name and shows no value. Only librdkafka can tell, which this folder does not know.
using PropertyCheck =
    std::function<std::vector<std::string>(const std::map<std::string, std::string>& properties)>;

}  // namespace streamgauge
