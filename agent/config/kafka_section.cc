#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "config/host_port.h"
#include "config/sections.h"

namespace streamgauge {
namespace {

// Properties whose values may stand in files: PROPERTY_file names it.
constexpr std::array<const char*, 3> kSecretsInFiles = {
    "sasl.password", "sasl.oauthbearer.client.secret", "ssl.key.password"};

void ReadBrokers(Section& section, KafkaTargetConfig& config) {
  section.Require("brokers", "where Kafka is (try [127.0.0.1:9092])");
  for (const TextValue& value : section.Texts("brokers")) {
    const auto address = ParseHostPort(value.text);
    if (!address || address->host.empty() || address->port.value_or(0) == 0) {
      section.Fail(value, fmt::format("{} is not host:port (try 127.0.0.1:9092)", value.quoted()));
    }
    config.brokers.push_back(value.text);
  }
  if (section.IsEmptyList("brokers")) {
    section.Fail("brokers", "has no address in it (try [127.0.0.1:9092])");
  }
}

void ReadProperties(Section section, KafkaTargetConfig& config) {
  for (const char* property : kSecretsInFiles) {
    std::filesystem::path file;
    section.ReadPath(std::string(property) + "_file", file);
    if (!file.empty()) config.secret_files.emplace(property, Secret::FromFile(file));
  }
  for (auto& [key, value] : section.RemainingTexts()) {
    if (config.secret_files.contains(key)) {
      section.Fail(value, key + "_file is given too; keep one");
    }
    config.properties.emplace(std::move(key), std::move(value.text));
  }
  if (!section.scope().check_properties) return;
  std::map<std::string, std::string> properties = config.properties;
  // The files are read again by who connects; here a key may need its password to be tried.
  for (const auto& [property, secret] : config.secret_files) {
    properties.emplace(property, secret.Read().value_or("in a file"));
  }
  for (const std::string& sentence : section.scope().check_properties(properties)) {
    const std::size_t space = std::min(sentence.find(' '), sentence.size());
    section.Fail(sentence.substr(0, space), sentence.substr(std::min(space + 1, sentence.size())));
  }
}

}  // namespace

void ReadKafka(Section& section, KafkaTargetConfig& config) {
  static constexpr std::array<std::pair<std::string_view, KafkaDetail>, 2> kDetails = {
      {{"partition", KafkaDetail::kPartition}, {"group", KafkaDetail::kGroup}}};
  static constexpr std::array<std::pair<std::string_view, KafkaOffsets>, 3> kOffsets = {
      {{"auto", KafkaOffsets::kAuto},
       {"feed", KafkaOffsets::kFeed},
       {"admin", KafkaOffsets::kAdmin}}};
  ReadBrokers(section, config);
  ReadProperties(section.Child("properties"), config);
  section.Read("offsets", config.offsets, Choices<KafkaOffsets>(kOffsets));
  ReadFilter(section.Child("streams"), config.streams);
  ReadFilter(section.Child("groups"), config.groups);
  section.Read("detail", config.detail, Choices<KafkaDetail>(kDetails));
  section.Read("max_streams", config.max_streams, 1, 1'000'000);
  section.Read("max_groups", config.max_groups, 1, 1'000'000);
}

}  // namespace streamgauge
