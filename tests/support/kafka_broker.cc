#include "support/kafka_broker.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "build_paths.h"
#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kPortsToTry = 3;
// A cold JVM on a busy two-core machine.
constexpr seconds kStartDeadline{90};
// Any id does; all nodes of a cluster have the same.
constexpr const char* kClusterId = "c3RyZWFtZ2F1Z2UtdGVzdA";

bool PortIsOpen(std::uint16_t port) {
  const int fd = ConnectLoopback(port, seconds(1));
  if (fd < 0) return false;
  close(fd);
  return true;
}

std::string Loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::string QuorumVoters(const std::vector<KafkaVoter>& voters) {
  std::string list;
  for (const KafkaVoter& voter : voters) {
    list += (list.empty() ? "" : ",") + std::to_string(voter.node) + "@" +
            Loopback(voter.controller_port);
  }
  return list;
}

// Small and quick: few internal partitions, no waiting for further members, no topics by accident.
std::map<std::string, std::string> SmallBroker(const KafkaBrokerOptions& options) {
  const std::string replicas = std::to_string(options.voters.size());
  return {
      {"process.roles", "broker,controller"},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
      {"auto.create.topics.enable", "false"},
      {"default.replication.factor", replicas},
      {"offsets.topic.replication.factor", replicas},
      {"offsets.topic.num.partitions", std::to_string(options.offsets_partitions)},
      {"transaction.state.log.replication.factor", replicas},
      {"transaction.state.log.num.partitions", "1"},
      {"transaction.state.log.min.isr", "1"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"log.cleaner.dedupe.buffer.size", "4194304"},  // the default does not fit a small heap
      {"num.network.threads", "2"},
      {"num.io.threads", "2"},
      {"log.segment.delete.delay.ms", "1000"},
      // Who was killed comes back when his session is over; who stops hands over at a heartbeat.
      {"broker.session.timeout.ms", "3000"},
      {"broker.heartbeat.interval.ms", "300"},
  };
}

// What tools/setup.sh has prepared of Kafka, if it has.
std::optional<std::filesystem::path> Prepared(const char* file) {
  const std::filesystem::path path = build_paths::KafkaLibs().parent_path() / "quick" / file;
  if (KafkaBroker::LibsDir() != build_paths::KafkaLibs() || !std::filesystem::exists(path)) {
    return std::nullopt;
  }
  return path;
}

// A UUID of each node's own, as Kafka writes it: 22 characters that are fit for an address.
std::string DirectoryId(int node) {
  std::string id = "c3RyZWFtZ2F1Z2Utbm9kZQ";
  id[0] = static_cast<char>('A' + node);
  return id;
}

KafkaListener SaslListener(const std::map<std::string, std::string>& users) {
  return {"SASL",
          "SASL_PLAINTEXT",
          {{"sasl.enabled.mechanisms", "PLAIN"}, {"plain.sasl.jaas.config", PlainLogin(users)}}};
}

void AddListenerProperties(std::map<std::string, std::string>& properties, const std::string& name,
                           const std::map<std::string, std::string>& own) {
  std::string prefix = "listener.name." + name + ".";
  std::ranges::transform(prefix, prefix.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const auto& [key, value] : own) properties[prefix + key] = value;
}

void AddListener(std::map<std::string, std::string>& properties, const KafkaListener& listener,
                 std::uint16_t port) {
  const std::string& name = listener.name;
  std::string advertised = listener.advertised;
  if (advertised.ends_with(":PORT")) {
    advertised.replace(advertised.size() - 4, 4, std::to_string(port));
  }
  properties["listeners"].append(",").append(name).append("://").append(Loopback(port));
  properties["advertised.listeners"].append(",").append(name).append("://").append(advertised);
  properties["listener.security.protocol.map"].append(",").append(name).append(":").append(
      listener.protocol);
  AddListenerProperties(properties, name, listener.properties);
}

void AddProxiedListeners(std::map<std::string, std::string>& properties,
                         const std::vector<KafkaProxiedListener>& listeners) {
  int number = 0;
  for (const KafkaProxiedListener& listener : listeners) {
    const std::string name = "PROXIED" + std::to_string(++number);
    properties["listeners"] += "," + name + "://" + Loopback(listener.port);
    properties["advertised.listeners"] +=
        "," + name + "://" + listener.host + ":" + std::to_string(listener.advertised);
    properties["listener.security.protocol.map"] += "," + name + ":" + listener.protocol;
    AddListenerProperties(properties, name, listener.properties);
  }
}

}  // namespace

std::string PlainLogin(const std::map<std::string, std::string>& users) {
  std::string login = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  for (const auto& [user, password] : users) {
    login.append(" user_").append(user).append("=\"").append(password).append("\"");
  }
  return login + ";";
}

std::optional<std::filesystem::path> KafkaBroker::LibsDir() {
  const char* chosen = std::getenv("STREAMGAUGE_KAFKA_LIBS");
  const std::filesystem::path dir = chosen != nullptr ? chosen : build_paths::KafkaLibs();
  if (!std::filesystem::is_directory(dir)) return std::nullopt;
  return dir;
}

bool KafkaBroker::Available() { return LibsDir() && FindProgram("java"); }

KafkaBroker::KafkaBroker(KafkaBrokerOptions options)
    : options_(std::move(options)),
      properties_file_(dir_.path() / "server.properties"),
      alone_(options_.voters.empty()) {
  if (!Available()) throw std::runtime_error("Apache Kafka or java is not installed");
  if (!options_.sasl_users.empty()) {
    options_.listeners.push_back(SaslListener(options_.sasl_users));
  }
  for (int attempt = 0; attempt < kPortsToTry; ++attempt) {
    ChoosePorts();
    WriteProperties();
    if (attempt == 0) Format();
    if (TryStart()) break;
  }
  if (!process_->Running()) throw std::runtime_error("kafka does not start: " + OutputTail());
  if (alone_) WaitUntilReady();
}

KafkaBroker::~KafkaBroker() {
  if (process_) process_->Signal(SIGKILL);
}

void KafkaBroker::ChoosePorts() {
  port_ = FreePort();
  for (const KafkaListener& listener : options_.listeners) {
    listener_ports_[listener.name] = FreePort();
  }
  if (alone_) options_.voters = {{options_.node, FreePort()}};
}

void KafkaBroker::WriteProperties() {
  auto properties = SmallBroker(options_);
  const auto self = std::find_if(options_.voters.begin(), options_.voters.end(),
                                 [&](const KafkaVoter& v) { return v.node == options_.node; });
  if (self == options_.voters.end()) throw std::runtime_error("the node is not among the voters");
  properties["node.id"] = std::to_string(options_.node);
  properties["controller.quorum.voters"] = QuorumVoters(options_.voters);
  properties["listeners"] =
      "PLAINTEXT://" + bootstrap() + ",CONTROLLER://" + Loopback(self->controller_port);
  properties["advertised.listeners"] = "PLAINTEXT://" + bootstrap();
  properties["log.dirs"] = dir_.path() / "data";
  for (const KafkaListener& listener : options_.listeners) {
    AddListener(properties, listener, listener_ports_.at(listener.name));
  }
  AddProxiedListeners(properties, options_.proxied);
  for (const auto& [name, value] : options_.properties) properties[name] = value;
  std::string text;
  for (const auto& [name, value] : properties) text.append(name).append("=").append(value) += '\n';
  dir_.Write("server.properties", text);
}

std::vector<std::string> KafkaBroker::Java(const std::vector<std::string>& arguments) const {
  // Nothing is left in the system's temporary folder, even by a JVM that is killed.
  std::vector<std::string> argv = {"java",
                                   "-XX:-UsePerfData",
                                   "-Djava.io.tmpdir=" + dir_.path().string(),
                                   "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                                   "-cp",
                                   (*LibsDir() / "*").string()};
  if (const auto classes = Prepared("kafka.jsa")) {
    argv.push_back("-XX:SharedArchiveFile=" + classes->string());
  }
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

Finished KafkaBroker::RunTool(const std::string& java_class,
                              const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = {"-Xmx128m", "-XX:TieredStopAtLevel=1", java_class};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunToEnd({.argv = Java(all)});
}

void KafkaBroker::Format() {
  const auto checkpoint = Prepared("bootstrap.checkpoint");
  if (checkpoint && options_.scram_users.empty()) return FormatAsPrepared(*checkpoint);
  std::vector<std::string> arguments = {"format", "-t", kClusterId, "-c",
                                        properties_file_.string()};
  for (const KafkaScramUser& user : options_.scram_users) {
    arguments.insert(arguments.end(), {"--add-scram", user.mechanism + "=[name=" + user.name +
                                                          ",password=" + user.password + "]"});
  }
  const Finished format = RunTool("kafka.tools.StorageTool", arguments);
  if (format.exit_code != 0) throw std::runtime_error("kafka format: " + format.out + format.err);
}

// As Kafka's own tool writes it.
void KafkaBroker::FormatAsPrepared(const std::filesystem::path& checkpoint) {
  const std::filesystem::path data = dir_.path() / "data";
  std::filesystem::create_directory(data);
  std::filesystem::copy_file(checkpoint, data / "bootstrap.checkpoint");
  dir_.Write("data/meta.properties", std::string("version=1\ncluster.id=") + kClusterId +
                                         "\nnode.id=" + std::to_string(options_.node) +
                                         "\ndirectory.id=" + DirectoryId(options_.node) + "\n");
}

void KafkaBroker::Launch() {
  std::vector<std::string> arguments = {"-Xmx" + std::to_string(options_.heap_mib) + "m"};
  arguments.insert(arguments.end(), options_.java_options.begin(), options_.java_options.end());
  arguments.insert(arguments.end(), {"kafka.Kafka", properties_file_.string()});
  process_ = std::make_unique<Process>(ProcessOptions{.argv = Java(arguments), .cwd = dir_.path()});
}

bool KafkaBroker::TryStart() {
  Launch();
  const bool settled = WaitFor([this] { return !process_->Running() || PortIsOpen(port_); },
                               kStartDeadline, milliseconds(50));
  if (!settled) throw std::runtime_error("kafka does not open its port: " + OutputTail());
  return process_->Running();
}

std::string KafkaBroker::bootstrap() const { return Loopback(port_); }
std::string KafkaBroker::bootstrap(const std::string& listener) const {
  return Loopback(listener_ports_.at(listener));
}

void KafkaBroker::WaitUntilReady(int nodes) {
  KafkaClient client = Connect();
  const auto done = [&] {
    return !process_->Running() || client.Ready(nodes, options_.offsets_partitions);
  };
  if (!WaitFor(done, kStartDeadline, milliseconds(100)) || !process_->Running()) {
    throw std::runtime_error("kafka does not become ready: " + OutputTail());
  }
}

void KafkaBroker::Start() {
  if (!TryStart()) throw std::runtime_error("kafka does not start again: " + OutputTail());
  if (alone_) WaitUntilReady();
}

void KafkaBroker::Stop() { process_->Stop(seconds(30)); }

void KafkaBroker::Kill() {
  process_->Signal(SIGKILL);
  if (!process_->Wait(seconds(10))) throw std::runtime_error("kafka outlives SIGKILL");
}

void KafkaBroker::Pause() { process_->Pause(); }
void KafkaBroker::Resume() { process_->Signal(SIGCONT); }

void KafkaBroker::Restart() {
  Stop();
  Start();
}

}  // namespace streamgauge::test
