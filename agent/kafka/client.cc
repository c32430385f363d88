#include "kafka/client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <future>
#include <string_view>
#include <thread>
#include <utility>

#include "kafka/connection_error.h"
#include "kafka/kerberos.h"
#include "kafka/properties.h"
#include "kafka/rd_error.h"
#include "log/log.h"

namespace streamgauge::kafka {
namespace {

constexpr std::chrono::seconds kPatienceAtTheEnd{2};
constexpr int kSyslogWarning = 4;
// Kinds of librdkafka's lines that repeat with every attempt to connect.
constexpr std::array<std::string_view, 6> kOfTheConnection = {"FAIL",        "ERROR", "TERMINATE",
                                                              "SSLCERTVRFY", "OIDC",  "LIBSASL"};
constexpr std::string_view kOfKinit = "SASLREFRESH";

std::string Join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += ',';
    joined += word;
  }
  return joined;
}

// The value is not part of any message: librdkafka repeats refused ones.
Result<void> Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return {};
  }
  return std::unexpected(Error{Reason::kUnsupported, "property " + name + " is refused"});
}

using Properties = std::map<std::string, std::string>;

Properties PropertiesOf(const KafkaTargetConfig& config, const Properties& special) {
  Properties properties = KafkaPropertyDefaults();
  for (const auto& [name, value] : config.properties) properties[name] = value;
  for (const auto& [name, value] : special) properties[name] = value;
  properties["bootstrap.servers"] = Join(config.brokers);
  properties["log.queue"] = "true";
  properties["statistics.interval.ms"] = "5000";
  return properties;
}

// Without its files librdkafka says that the system library failed, and not of which file.
Result<Properties> ReadProperties(const KafkaTargetConfig& config, const Properties& special) {
  Properties properties = PropertiesOf(config, special);
  for (const auto& [name, secret] : config.secret_files) {
    auto text = secret.Read();
    if (!text) return std::unexpected(std::move(text.error()).In(name));
    properties[name] = std::move(*text);
  }
  if (std::string problem = UnreadableKafkaFile(properties); !problem.empty()) {
    return std::unexpected(Error{Reason::kUnauthorized, std::move(problem)});
  }
  return properties;
}

Result<RdConf> MakeConf(const Properties& properties) {
  RdConf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : properties) {
    if (auto set = Set(conf.get(), name, value); !set) return std::unexpected(set.error());
  }
  TellCertificateVerdicts(conf.get());
  rd_kafka_conf_set_events(conf.get(),
                           RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS);
  return conf;
}

// The number at the beginning of `text`; 0: there is none.
std::uint64_t NumberAt(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Two numbers are wanted of librdkafka's statistics, a JSON object of some kilobytes.
std::optional<std::uint64_t> ReceivedBytes(std::string_view statistics) {
  constexpr std::string_view kKey = "\"rx_bytes\":";
  const std::size_t at = statistics.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  return NumberAt(statistics.substr(at + kKey.size()));
}
// Stands in the list of requests of each broker.
std::uint64_t Fetches(std::string_view statistics) {
  constexpr std::string_view kKey = "\"Fetch\":";
  std::uint64_t sum = 0;
  for (std::size_t at = statistics.find(kKey); at != std::string_view::npos;
       at = statistics.find(kKey, at)) {
    at += kKey.size();
    sum += NumberAt(statistics.substr(at));
  }
  return sum;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::Make(const std::string& target,
                                             const KafkaTargetConfig& config, WarnedKinds& warned,
                                             const Properties& special) {
  const auto properties = ReadProperties(config, special);
  if (!properties) return std::unexpected(properties.error());
  auto conf = MakeConf(*properties);
  if (!conf) return std::unexpected(std::move(conf.error()));
  std::array<char, 512> text{};
  // A consumer that never subscribes. Any handle can send admin requests, but librdkafka (2.14)
  // hands an OffsetFetch that a loading coordinator refuses to the handle's own group, and crashes
  // where there is none.
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf->get(), text.data(), text.size());
  if (handle == nullptr) {
    return std::unexpected(Error{Reason::kUnsupported, "librdkafka refuses the properties" +
                                                           ShownRefusal(*properties, text.data())});
  }
  static_cast<void>(conf->release());  // the handle has taken it
  return std::unique_ptr<Client>(
      new Client(target, handle, config.brokers.size(), warned, SecretKafkaValues(*properties)));
}

Client::Client(std::string target, rd_kafka_t* handle, std::size_t bootstrap_brokers,
               WarnedKinds& warned, std::vector<std::string> secrets)
    : target_(std::move(target)),
      handle_(handle),
      queue_(rd_kafka_queue_get_main(handle)),
      bootstrap_brokers_(bootstrap_brokers),
      warned_(warned),
      secrets_(std::move(secrets)) {
  rd_kafka_set_log_queue(handle_, queue_.get());
}

Client::~Client() {
  queue_.reset();
  // Destroying joins threads that may hang in a name lookup or a TLS handshake.
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread([handle = handle_, ended = std::move(ended)]() mutable {
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    ended.set_value();
  }).detach();
  end.wait_for(kPatienceAtTheEnd);
}

void Client::TakeEvent(rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_ERROR:
      return TakeError(event);
    case RD_KAFKA_EVENT_LOG:
      return TakeLogLine(event);
    case RD_KAFKA_EVENT_STATS:
      received_bytes_ = ReceivedBytes(rd_kafka_event_stats(event)).value_or(received_bytes_);
      fetches_ = std::max(fetches_, Fetches(rd_kafka_event_stats(event)));
      return;
    default:
      return;  // a result that nobody waits for any more
  }
}

void Client::NoteAnswer() {
  answered_ = true;
  trouble_.reset();
}

void Client::TakeError(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  // What came before says why all are down.
  if (trouble_ && code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  const std::string verdict = std::exchange(certificate_verdict_, "");
  const bool denied = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL;
  if (denied && std::exchange(token_told_, false)) return;  // it said more
  const std::string text = WithoutSecrets(rd_kafka_event_error_string(event));
  Error error = ConnectionError(code, text, verdict);
  if (denied)
    return TakeDenial(std::string_view(text).substr(0, text.find(": ")), std::move(error));
  // A refused password stays the reason, whatever the connection does next.
  if (!trouble_ || !denial_) trouble_ = std::move(error);
}

void Client::TakeDenial(std::string_view by, Error error) {
  denying_.emplace(by);
  hopeless_ = hopeless_ || denying_.size() >= bootstrap_brokers_;
  denial_ = error;
  trouble_ = std::move(error);
}

// Before a broker has answered every line is about why not; later on a connection may end for good
// reasons.
void Client::TakeConnectionLine(std::string_view kind, std::string_view line) {
  if (kind == "SSLCERTVRFY") {
    certificate_verdict_ = CertificateVerdict(line);
  } else if (kind == "OIDC") {
    TakeDenial("token", ConnectionError(RD_KAFKA_RESP_ERR__AUTHENTICATION, line));
    token_told_ = true;
    hopeless_ = true;  // without a token no broker lets us in
  } else if (!answered_ && !trouble_ && line.find("Disconnected") != std::string_view::npos) {
    trouble_ = ConnectionError(RD_KAFKA_RESP_ERR__TRANSPORT, line);
  }
}

std::string Client::WithoutSecrets(std::string_view text) const {
  std::string without(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = without.find(secret); at != std::string::npos;
         at = without.find(secret, at)) {
      without.replace(at, secret.size(), "***");
    }
  }
  return without;
}

// librdkafka repeats itself for every broker and attempt: what matters of that reaches the log as
// the target's error. One warning of a kind shows what it found odd.
void Client::TakeLogLine(rd_kafka_event_t* event) {
  const char* facility = nullptr;
  const char* text = nullptr;
  int level = 0;
  if (rd_kafka_event_log(event, &facility, &text, &level) != 0) return;
  const std::string_view kind(facility);
  const std::string line =
      kind == kOfKinit ? WithoutCommand(WithoutThread(text)) : WithoutSecrets(text);
  const bool of_the_connection =
      std::ranges::find(kOfTheConnection, kind) != kOfTheConnection.end();
  if (of_the_connection) TakeConnectionLine(kind, WithoutThread(line));
  if (level <= kSyslogWarning && !of_the_connection && warned_.emplace(kind).second) {
    log::Warn("kafka target {}: librdkafka {}: {}", target_, kind, line);
  } else {
    log::Debug("kafka target {}: librdkafka {}: {}", target_, kind, line);
  }
}

}  // namespace streamgauge::kafka
