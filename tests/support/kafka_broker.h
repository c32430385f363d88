// A real Apache Kafka of a test's own: one node, controller and broker in one process (KRaft), on
// 127.0.0.1, in its own folder. Several of them that name each other as voters are a cluster.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/kafka_client.h"
#include "support/process.h"
#include "support/temp_dir.h"

namespace streamgauge::test {

struct KafkaVoter {
  int node = 1;
  std::uint16_t controller_port = 0;
};

// A further listener whose clients are told to come back to another port, that of a proxy.
struct KafkaProxiedListener {
  std::uint16_t port = 0;
  std::uint16_t advertised = 0;
  std::string host = "127.0.0.1";  // that clients are told
  std::string protocol = "PLAINTEXT";
  std::map<std::string, std::string> properties;  // of this listener alone
};

// One more way in, at bootstrap(name).
struct KafkaListener {
  std::string name;      // in capitals, e.g. "TLS"
  std::string protocol;  // SSL, SASL_PLAINTEXT, SASL_SSL
  // Of this listener alone: without "listener.name.<name>." in front.
  std::map<std::string, std::string> properties;
  // What clients are told to connect to, e.g. "localhost:PORT" with this listener's port in it.
  std::string advertised = "127.0.0.1:PORT";
};

// The JAAS configuration of a listener that knows these users, name and password, for SASL PLAIN.
std::string PlainLogin(const std::map<std::string, std::string>& users);

struct KafkaScramUser {
  std::string mechanism;  // SCRAM-SHA-256 or SCRAM-SHA-512
  std::string name;
  std::string password;
};

struct KafkaBrokerOptions {
  // Added to server.properties, or replacing what is there.
  std::map<std::string, std::string> properties;
  int heap_mib = 256;
  // C1 only starts sooner and takes less CPU in short tests; benchmarks want the usual compiler.
  std::vector<std::string> java_options = {"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"};
  int offsets_partitions = 3;  // of __consumer_offsets, 1 to 26
  // Also listens at sasl_bootstrap(), where users log in with SASL PLAIN: name and password.
  std::map<std::string, std::string> sasl_users;
  std::vector<KafkaProxiedListener> proxied;
  std::vector<KafkaListener> listeners;
  std::vector<KafkaScramUser> scram_users;
  int node = 1;
  // The controllers of a cluster, this node's included; all nodes get the same list. Empty: this
  // node alone, on ports that are free.
  std::vector<KafkaVoter> voters;
};

// Not thread-safe. Everything that fails throws std::runtime_error with the broker's own words.
class KafkaBroker {
 public:
  // $STREAMGAUGE_KAFKA_LIBS, or what tools/setup.sh has put into the cache.
  static std::optional<std::filesystem::path> LibsDir();
  // Kafka's jars and java are there.
  static bool Available();

  // Starts it. A node that is a cluster by itself is also ready then.
  explicit KafkaBroker(KafkaBrokerOptions options = {});
  // Kills it: what it would save goes, too, and the last of a cluster waits for the others.
  ~KafkaBroker();

  std::string bootstrap() const;  // "127.0.0.1:PORT", which asks for nothing
  std::string bootstrap(const std::string& listener) const;
  std::string sasl_bootstrap() const { return bootstrap("SASL"); }  // REQUIRES: sasl_users
  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_ ? process_->pid() : -1; }

  // Ready is more than an open port: a list of groups would be complete. Waits for `nodes` brokers.
  void WaitUntilReady(int nodes = 1);

  void Stop();   // SIGTERM: hands over and closes its logs
  void Kill();   // SIGKILL
  void Pause();  // SIGSTOP: connections stay open, nothing is answered
  void Resume();
  void Start();  // after Stop or Kill, on the same port and data
  void Restart();
  bool Running() { return process_->Running(); }

  KafkaClient Connect() const { return KafkaClient(bootstrap()); }

  // Runs one of Kafka's own tools, e.g. RunTool("org.apache.kafka.tools.consumer.group."
  // "ConsumerGroupCommand", {"--bootstrap-server", bootstrap(), "--list"}). About 2 s each.
  Finished RunTool(const std::string& java_class, const std::vector<std::string>& arguments) const;

  std::string OutputTail() const { return process_ ? process_->OutputTail(4000) : ""; }

 private:
  std::vector<std::string> Java(const std::vector<std::string>& arguments) const;
  void ChoosePorts();
  void WriteProperties();
  void Format();
  void FormatAsPrepared(const std::filesystem::path& checkpoint);
  void Launch();
  // False when it ended before its port was open; throws when it does neither.
  bool TryStart();

  KafkaBrokerOptions options_;
  TempDir dir_{"kafka"};
  std::filesystem::path properties_file_;
  bool alone_ = true;
  std::uint16_t port_ = 0;
  std::map<std::string, std::uint16_t> listener_ports_;
  std::unique_ptr<Process> process_;
};

}  // namespace streamgauge::test
