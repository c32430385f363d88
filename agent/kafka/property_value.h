// librdkafka's properties by their names, as the configuration has them.
#pragma once

#include <map>
#include <string>

namespace streamgauge::kafka {

// Empty where the property is not set.
inline std::string ValueOf(const std::map<std::string, std::string>& properties, const char* name) {
  const auto found = properties.find(name);
  return found == properties.end() ? "" : found->second;
}

}  // namespace streamgauge::kafka
