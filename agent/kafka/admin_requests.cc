#include "kafka/admin_requests.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

// Enough to keep a broker busy, little enough not to flood one.
constexpr std::size_t kWindow = 200;
// How soon a stop is noticed.
constexpr int kSliceMs = 50;

bool NoAnswer(Reason reason) {
  return reason == Reason::kTimeout || reason == Reason::kUnavailable;
}

}  // namespace

AdminRequests::AdminRequests(Telemetry& telemetry, Duration timeout)
    : telemetry_(telemetry), timeout_(timeout) {}

void AdminRequests::BeginPoll(Client& client, std::stop_token stop, SteadyTime deadline) {
  client_ = &client;
  stop_ = std::move(stop);
  deadline_ = deadline;
  silent_brokers_.clear();
  // What a poll left that ended by an exception refers to things that are gone.
  waiting_.clear();
  in_flight_.clear();
  // What was said between the polls.
  while (RdEvent event{rd_kafka_queue_poll(client_->queue(), 0)}) client_->TakeEvent(event.get());
}

void AdminRequests::Add(AdminRequest request) { waiting_.push_back(std::move(request)); }

void AdminRequests::Run() {
  while (!waiting_.empty() || !in_flight_.empty()) {
    if (Over()) return FailAll();
    FillWindow();
    if (!in_flight_.empty()) TakeOne(kSliceMs);
  }
}

void AdminRequests::Pause(Duration pause) {
  const SteadyTime until = std::chrono::steady_clock::now() + pause;
  while (!Over() && std::chrono::steady_clock::now() < until) TakeOne(kSliceMs);
}

bool AdminRequests::Over() const {
  return stop_.stop_requested() || std::chrono::steady_clock::now() >= deadline_ ||
         client_->refused();
}

Duration AdminRequests::TimeLeft() const {
  const auto left =
      std::chrono::duration_cast<Duration>(deadline_ - std::chrono::steady_clock::now());
  return std::clamp(left, Duration(1), timeout_);
}

void AdminRequests::CountRequest(std::string_view kind) {
  ++telemetry_.requests[kind];
  ++telemetry_.round_trips;
}

void AdminRequests::CountItemError(const Error& error) {
  ++telemetry_.item_errors[ToString(error.reason)];
}

void AdminRequests::FillWindow() {
  while (!waiting_.empty() && in_flight_.size() < kWindow) {
    AdminRequest request = std::move(waiting_.front());
    waiting_.pop_front();
    if (request.broker && IsSilent(*request.broker)) {
      request.failed({{Reason::kUnavailable, "the broker does not answer"}, false});
      continue;
    }
    Submit(std::move(request));
  }
}

void AdminRequests::Submit(AdminRequest request) {
  std::array<char, 256> text{};
  const RdAdminOptions options(rd_kafka_AdminOptions_new(client_->handle(), RD_KAFKA_ADMIN_OP_ANY));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(TimeLeft().count()),
                                            text.data(), text.size());
  if (request.broker) {
    rd_kafka_AdminOptions_set_broker(options.get(), *request.broker, text.data(), text.size());
  }
  if (request.isolation) {
    RdError(rd_kafka_AdminOptions_set_isolation_level(options.get(), *request.isolation));
  }
  if (request.authorized_operations) {
    RdError(rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
  }
  const std::uintptr_t number = ++last_number_;
  rd_kafka_AdminOptions_set_opaque(options.get(), reinterpret_cast<void*>(number));
  CountRequest(request.kind);
  request.send(client_->handle(), options.get(), client_->queue());
  in_flight_.emplace(number, std::move(request));
}

void AdminRequests::TakeOne(int timeout_ms) {
  const RdEvent event(rd_kafka_queue_poll(client_->queue(), timeout_ms));
  if (!event) return;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_ERROR:
    case RD_KAFKA_EVENT_LOG:
    case RD_KAFKA_EVENT_STATS:
      return client_->TakeEvent(event.get());
    default:
      break;
  }
  const auto number = reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event.get()));
  auto found = in_flight_.extract(number);
  if (!found.empty()) Finish(found.mapped(), event.get());
}

void AdminRequests::Finish(AdminRequest& request, rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    client_->NoteAnswer();
    return request.done(event);
  }
  Error error = ErrorOf(code, request.kind, rd_kafka_event_error_string(event));
  if (request.broker && IsSilence(code)) NoteSilent(*request.broker);
  request.failed({WithTrouble(std::move(error)), IsPassing(code)});
}

void AdminRequests::FailAll() {
  const RequestError error = OverError();
  auto in_flight = std::exchange(in_flight_, {});
  auto waiting = std::exchange(waiting_, {});
  for (auto& [number, request] : in_flight) request.failed(error);
  for (AdminRequest& request : waiting) request.failed(error);
}

RequestError AdminRequests::OverError() const {
  if (client_->refused()) return {*client_->trouble(), false};
  if (stop_.stop_requested()) return {{Reason::kTimeout, "the agent stops"}, false};
  return {WithTrouble({Reason::kTimeout, "the time for one poll is over"}), false};
}

// A request that timed out for want of a connection says nothing; the connection's error does.
Error AdminRequests::WithTrouble(Error error) const {
  if (!NoAnswer(error.reason) || !client_->trouble()) return error;
  return *client_->trouble();
}

}  // namespace streamgauge::kafka
