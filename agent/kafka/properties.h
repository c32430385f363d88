// The librdkafka properties that a user may set for a target.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace streamgauge {

// One sentence per property that librdkafka refuses, or that the agent sets itself, each beginning
// with the property's name. Empty: all are good. Values never appear. Connects to nothing.
std::vector<std::string> ValidateKafkaProperties(
    const std::map<std::string, std::string>& properties);

}  // namespace streamgauge
