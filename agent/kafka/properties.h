// The librdkafka properties that a user may set for a target.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace streamgauge {

// One sentence per property that librdkafka refuses, or that the agent sets itself, each beginning
// with the property's name. Empty: all are good. Values never appear. Connects to nothing.
std::vector<std::string> ValidateKafkaProperties(
    const std::map<std::string, std::string>& properties);

// The same, and what librdkafka refuses only of all of them together, when a client is made: a
// mechanism that it does not have, a certificate that it cannot read. Makes one that knows no
// broker, and ends it: takes a moment, and reads the files that the properties name.
std::vector<std::string> ProbeKafkaProperties(const std::map<std::string, std::string>& properties);

// Which file that the properties name cannot be read, and why; empty: all can.
std::string UnreadableKafkaFile(const std::map<std::string, std::string>& properties);

// ": " and what librdkafka said when it refused a client of these properties; nothing where that
// must not be shown.
std::string ShownRefusal(const std::map<std::string, std::string>& properties,
                         std::string_view refusal);

// The values of properties that must never be shown.
std::vector<std::string> SecretKafkaValues(const std::map<std::string, std::string>& properties);

// What the agent sets unless the user does.
const std::map<std::string, std::string>& KafkaPropertyDefaults();

}  // namespace streamgauge
