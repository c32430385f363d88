// One connection to a Kafka cluster: a librdkafka handle and the one queue on which everything it
// has to say arrives (results, errors, log lines, statistics). Owned by the source and used by its
// thread; librdkafka's own threads are behind it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "config/config.h"
#include "kafka/rd.h"
#include "model/error.h"

namespace streamgauge::kafka {

class Client {
 public:
  // Reads the password (again) and starts librdkafka, which connects by itself and keeps trying.
  // kUnauthorized: the password cannot be read. kUnsupported: the properties do not go together.
  // `special`: properties that this one needs, whatever the user sets.
  static Result<std::unique_ptr<Client>> Make(
      const std::string& target, const KafkaTargetConfig& config,
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
  // We are not let in: waiting for an answer is of no use.
  bool refused() const { return trouble_ && trouble_->reason == Reason::kUnauthorized; }
  // A broker has answered.
  void ForgetTrouble() { trouble_.reset(); }
  // Bytes received from the brokers since the handle was made; updated every few seconds.
  std::uint64_t received_bytes() const { return received_bytes_; }
  // Fetch requests sent since then, as often updated.
  std::uint64_t fetches() const { return fetches_; }

 private:
  Client(std::string target, rd_kafka_t* handle);
  void TakeError(rd_kafka_event_t* event);
  void TakeLogLine(rd_kafka_event_t* event);

  std::string target_;
  rd_kafka_t* handle_;
  RdQueue queue_;
  std::optional<Error> trouble_;
  std::uint64_t received_bytes_ = 0;
  std::uint64_t fetches_ = 0;
  std::set<std::string> facilities_warned_;
};

}  // namespace streamgauge::kafka
