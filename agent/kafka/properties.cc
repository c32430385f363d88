#include "kafka/properties.h"

#include <array>
#include <string_view>

#include "kafka/rd.h"

namespace streamgauge {
namespace {

// Properties that would take from the agent what it relies on.
struct Reserved {
  std::string_view name;
  std::string_view instead;
};
constexpr std::array<Reserved, 5> kReserved = {{
    {"bootstrap.servers", "is set from `brokers`"},
    {"metadata.broker.list", "is set from `brokers`"},
    {"log.queue", "is set by the agent"},
    {"statistics.interval.ms", "is set by the agent"},
    {"enabled_events", "is set by the agent"},
}};

std::string ProblemOf(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  for (const Reserved& reserved : kReserved) {
    if (name == reserved.name) return name + " " + std::string(reserved.instead);
  }
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK:
      return "";
    case RD_KAFKA_CONF_UNKNOWN:
      return name + " is not a property of librdkafka " + rd_kafka_version_str() +
             ", or not one that this build supports";
    default:
      break;
  }
  // librdkafka's own sentence repeats the value, which may be a secret.
  return name + " has a value that librdkafka refuses";
}

}  // namespace

std::vector<std::string> ValidateKafkaProperties(
    const std::map<std::string, std::string>& properties) {
  std::vector<std::string> problems;
  const kafka::RdConf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : properties) {
    std::string problem = ProblemOf(conf.get(), name, value);
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace streamgauge
