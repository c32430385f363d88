#include "kafka/properties.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string_view>
#include <system_error>

#include "config/suggestion.h"
#include "kafka/kerberos.h"
#include "kafka/property_value.h"
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

// PEM, or folders of it, that librdkafka reads when a client is made, and what kinit reads.
constexpr std::array<std::string_view, 7> kFiles = {
    "ssl.ca.location",  "ssl.certificate.location", "ssl.key.location",    "ssl.keystore.location",
    "ssl.crl.location", "https.ca.location",        "sasl.kerberos.keytab"};

constexpr std::array<std::string_view, 8> kSecrets = {
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.private.key.pem",
};
// What is shorter says nothing where it stands, and stands in many words.
constexpr std::size_t kShortestSecret = 4;

// All that librdkafka knows, by the table that it prints: "name | ..." in each line. (A dump of a
// configuration leaves out what has no default, such as sasl.password.)
std::vector<std::string> KnownProperties() {
  char* table = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&table, &size);
  if (file == nullptr) return {};
  rd_kafka_conf_properties_show(file);
  std::fclose(file);
  const std::unique_ptr<char, decltype(&std::free)> owned(table, &std::free);
  std::vector<std::string> names;
  std::istringstream lines(std::string(table, size));
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" | ") != std::string::npos) names.push_back(line.substr(0, line.find(' ')));
  }
  return names;
}

std::string DidYouMean(const std::string& name) {
  const auto nearest = NearestWord(name, KnownProperties());
  return nearest ? "; did you mean " + *nearest + "?" : "";
}

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
             ", or not one that this build supports" + DidYouMean(name);
    default:
      break;
  }
  // librdkafka's own sentence repeats the value, which may be a secret.
  return name + " has a value that librdkafka refuses";
}

// The property that the refusal of a client is most likely about, since a problem has a place.
std::string PropertyMeant(const std::map<std::string, std::string>& properties,
                          std::string_view refusal) {
  std::size_t first = std::string_view::npos;
  std::string named;
  for (const auto& [name, value] : properties) {
    const std::size_t at = refusal.find(name);
    if (at >= first) continue;
    first = at;
    named = name;
  }
  if (!named.empty()) return named;
  const bool about_sasl = refusal.find("SASL") != std::string_view::npos;
  for (const auto& [name, value] : properties) {
    if (name.starts_with(about_sasl ? "sasl." : "ssl.")) return name;
  }
  return properties.begin()->first;
}

// Without a source of tokens librdkafka would wait for ever, and say nothing.
bool LacksTokens(const std::map<std::string, std::string>& properties) {
  using kafka::ValueOf;
  return (ValueOf(properties, "sasl.mechanisms") == "OAUTHBEARER" ||
          ValueOf(properties, "sasl.mechanism") == "OAUTHBEARER") &&
         ValueOf(properties, "sasl.oauthbearer.method") != "oidc" &&
         ValueOf(properties, "enable.sasl.oauthbearer.unsecure.jwt") != "true";
}

// A new client does so at once, and its end waits for it: seconds where no KDC answers. What the
// command holds is checked all the same.
void DoNotRunKinit(rd_kafka_conf_t* conf) {
  constexpr const char* kName = "sasl.kerberos.kinit.cmd";
  std::array<char, 4096> command{};
  std::size_t size = command.size();
  if (rd_kafka_conf_get(conf, kName, command.data(), &size) != RD_KAFKA_CONF_OK) return;
  const std::string harmless = std::string("exit 0; ") + command.data();
  std::array<char, 512> text{};
  rd_kafka_conf_set(conf, kName, harmless.c_str(), text.data(), text.size());
}

}  // namespace

std::vector<std::string> ValidateKafkaProperties(
    const std::map<std::string, std::string>& properties) {
  std::vector<std::string> problems;
  if (LacksTokens(properties)) {
    problems.emplace_back(
        "sasl.oauthbearer.method must be oidc where the mechanism is OAUTHBEARER, with "
        "sasl.oauthbearer.token.endpoint.url, .client.id and .client.secret");
  }
  const kafka::RdConf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : properties) {
    std::string problem = ProblemOf(conf.get(), name, value);
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  return problems;
}

std::vector<std::string> ProbeKafkaProperties(
    const std::map<std::string, std::string>& properties) {
  std::vector<std::string> problems = ValidateKafkaProperties(properties);
  if (!problems.empty() || properties.empty()) return problems;
  if (std::string problem = UnreadableKafkaFile(properties); !problem.empty()) return {problem};
  std::map<std::string, std::string> all = properties;
  all.insert(KafkaPropertyDefaults().begin(), KafkaPropertyDefaults().end());
  kafka::RdConf conf(rd_kafka_conf_new());
  std::array<char, 512> text{};
  for (const auto& [name, value] : all) {
    rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size());
  }
  DoNotRunKinit(conf.get());
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);  // it would write to stderr
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text.data(), text.size());
  if (handle != nullptr) {
    static_cast<void>(conf.release());  // the handle has taken it
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
  if (std::string lacking = kafka::LackingForKerberos(properties); !lacking.empty()) {
    return {lacking};
  }
  if (handle != nullptr) return {};
  const std::string_view refusal(text.data());
  return {PropertyMeant(properties, refusal) +
          " is refused by librdkafka, by itself or with the others" +
          ShownRefusal(properties, refusal)};
}

std::string ShownRefusal(const std::map<std::string, std::string>& properties,
                         std::string_view refusal) {
  // This one's value, which librdkafka repeats, may hold a secret in its midst.
  if (properties.contains("sasl.oauthbearer.config")) return "";
  return ": " + std::string(refusal);
}

std::string UnreadableKafkaFile(const std::map<std::string, std::string>& properties) {
  for (const auto& [name, path] : properties) {
    if (std::ranges::find(kFiles, name) == kFiles.end()) continue;
    if (path.empty() || path == "probe" || access(path.c_str(), R_OK) == 0) continue;
    return name + " cannot be read: " + path + ": " + std::generic_category().message(errno);
  }
  return "";
}

std::vector<std::string> SecretKafkaValues(const std::map<std::string, std::string>& properties) {
  std::vector<std::string> secrets;
  for (const auto& [name, value] : properties) {
    if (std::ranges::find(kSecrets, name) == kSecrets.end()) continue;
    if (value.size() >= kShortestSecret) secrets.push_back(value);
  }
  return secrets;
}

const std::map<std::string, std::string>& KafkaPropertyDefaults() {
  static const std::map<std::string, std::string> defaults = {
      {"client.id", "streamgauge"},
      {"group.id", "streamgauge"},  // looked up, never joined: see Client::Make
      // Quick to notice a broker that is back, gentle to one that is not.
      {"reconnect.backoff.max.ms", "2000"},
      {"socket.connection.setup.timeout.ms", "5000"},
  };
  return defaults;
}

}  // namespace streamgauge
