// Sends admin requests with a bounded number of them in flight and brings each answer to the one
// that asked: one queue, replies matched by a number. Owned by the source and used by its thread.
//
// Every request ends: with a result, with librdkafka's error, or with an error of ours when its
// time is over, the poll's time is over, or the agent stops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string_view>
#include <unordered_map>

#include "kafka/client.h"
#include "kafka/rd.h"
#include "model/error.h"
#include "model/telemetry.h"
#include "model/time.h"

namespace streamgauge::kafka {

// An error, and whether it is worth asking again within the poll.
struct RequestError {
  Error error;
  bool passing = false;
};

struct AdminRequest {
  // A literal: the key in Telemetry::requests.
  std::string_view kind;
  // Whom to ask; absent: librdkafka finds out.
  std::optional<std::int32_t> broker;
  std::optional<rd_kafka_IsolationLevel_t> isolation;
  // The answer also tells what we may do with each topic.
  bool authorized_operations = false;
  // Calls the librdkafka function.
  std::move_only_function<void(rd_kafka_t*, const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>
      send;
  // Exactly one of them is called, from Run. The event lives as long as the call.
  std::move_only_function<void(rd_kafka_event_t*)> done;
  std::move_only_function<void(RequestError)> failed;
};

class AdminRequests {
 public:
  // `telemetry` outlives this. `timeout`: for one request.
  AdminRequests(Telemetry& telemetry, Duration timeout);

  // A poll begins. `client` is used until the next one begins.
  void BeginPoll(Client& client, std::stop_token stop, SteadyTime deadline);

  void Add(AdminRequest request);
  // Sends what was added, and what is added meanwhile, and returns when all of it has ended.
  void Run();
  // Waits for `pause`, or until the poll is over.
  void Pause(Duration pause);

  // The agent stops, the time of the poll is over, or the cluster does not let us in.
  bool Over() const;
  // That broker did not answer in this poll: it is not asked again.
  bool IsSilent(std::int32_t broker) const { return silent_brokers_.contains(broker); }
  void NoteSilent(std::int32_t broker) { silent_brokers_.insert(broker); }
  // Time left for one request.
  Duration TimeLeft() const;
  Client& client() const { return *client_; }
  Telemetry& telemetry() const { return telemetry_; }
  // Counts a request to a broker that is not one of ours: librdkafka sends it for one of ours.
  void CountRequest(std::string_view kind);
  // An error that concerned one item while the poll went on.
  void CountItemError(const Error& error);

 private:
  void FillWindow();
  void Submit(AdminRequest request);
  void TakeOne(int timeout_ms);
  void Finish(AdminRequest& request, rd_kafka_event_t* event);
  void FailAll();
  RequestError OverError() const;
  Error WithTrouble(Error error) const;

  Telemetry& telemetry_;
  Duration timeout_;
  Client* client_ = nullptr;
  std::stop_token stop_;
  SteadyTime deadline_{};
  std::deque<AdminRequest> waiting_;
  // By number. Numbers are never used twice, so that a late answer of an earlier poll finds nobody.
  std::unordered_map<std::uintptr_t, AdminRequest> in_flight_;
  std::uintptr_t last_number_ = 0;
  std::set<std::int32_t> silent_brokers_;
};

}  // namespace streamgauge::kafka
