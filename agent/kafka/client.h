// One connection to a Kafka cluster: a librdkafka handle and the one queue on which everything it
// has to say arrives (results, errors, log lines, statistics). Owned by the source and used by its
// thread; librdkafka's own threads are behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "kafka/rd.h"
#include "model/error.h"

namespace streamgauge::kafka {

// Librdkafka's kinds of warnings of which one was logged. Lives longer than a connection: the next
// one finds the same odd.
using WarnedKinds = std::set<std::string, std::less<>>;

class Client {
 public:
  // Reads the files of secrets, keys and certificates (again) and starts librdkafka, which connects
  // by itself and keeps trying. kUnauthorized: a file cannot be read. kUnsupported: the properties
  // do not go together. `warned` outlives the client. `special`: properties that this one needs,
  // whatever the user sets.
  static Result<std::unique_ptr<Client>> Make(
      const std::string& target, const KafkaTargetConfig& config, WarnedKinds& warned,
      const std::map<std::string, std::string>& special = {});
  // Takes two seconds at most: a handle that does not end in time is left to end by itself.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* handle() const { return handle_; }
  rd_kafka_queue_t* queue() const { return queue_.get(); }

  // Takes an event that is no result: notes errors, logs lines, reads statistics.
  void TakeEvent(rd_kafka_event_t* event);

  // What is wrong with the connection; empty once a broker has answered.
  const std::optional<Error>& trouble() const { return trouble_; }
  // The last time that a broker and we did not accept each other, by a log-in or a certificate. A
  // new client, which reads the files again, may fare better.
  const std::optional<Error>& denial() const { return denial_; }
  // That was every broker to start from: waiting for an answer is of no use.
  bool refused() const { return hopeless_ && !answered_; }
  void NoteAnswer();
  // Bytes received from the brokers since the handle was made; updated every few seconds.
  std::uint64_t received_bytes() const { return received_bytes_; }
  // Fetch requests sent since then, as often updated.
  std::uint64_t fetches() const { return fetches_; }

 private:
  Client(std::string target, rd_kafka_t* handle, std::size_t bootstrap_brokers, WarnedKinds& warned,
         std::vector<std::string> secrets);
  void TakeError(rd_kafka_event_t* event);
  // `by`: as librdkafka calls the broker.
  void TakeDenial(std::string_view by, Error error);
  void TakeLogLine(rd_kafka_event_t* event);
  void TakeConnectionLine(std::string_view kind, std::string_view line);
  std::string WithoutSecrets(std::string_view text) const;

  std::string target_;
  rd_kafka_t* handle_;
  RdQueue queue_;
  const std::size_t bootstrap_brokers_;
  WarnedKinds& warned_;
  std::vector<std::string> secrets_;
  std::optional<Error> trouble_;
  std::optional<Error> denial_;
  std::set<std::string, std::less<>> denying_;  // brokers
  bool hopeless_ = false;
  bool answered_ = false;
  // Until the error that they belong to.
  std::string certificate_verdict_;
  bool token_told_ = false;
  std::uint64_t received_bytes_ = 0;
  std::uint64_t fetches_ = 0;
};

}  // namespace streamgauge::kafka
