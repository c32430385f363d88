#include "support/alert_receiver.h"

#include <nlohmann/json.hpp>

namespace streamgauge::test {
namespace {

AlertMessage ToMessage(const nlohmann::json& alert, const std::string& path) {
  return {.arrived = std::chrono::steady_clock::now(),
          .path = path,
          .status = alert.at("status"),
          .labels = alert.at("labels"),
          .annotations = alert.at("annotations"),
          .starts_at = alert.at("startsAt")};
}

}  // namespace

PostAnswer AlertReceiver::Answer(const std::optional<PostRequest>& request) {
  if (request) {
    Take(request->path, request->body);
  } else {
    const std::lock_guard lock(mutex_);
    faults_.emplace_back("a request that is no POST of a known length, or was cut off");
  }
  return {};
}

void AlertReceiver::Take(const std::string& path, const std::string& body) {
  const std::lock_guard lock(mutex_);
  try {
    const auto message = nlohmann::json::parse(body);
    for (const auto& alert : message.at("alerts")) {
      messages_.push_back(ToMessage(alert, path));
    }
  } catch (const nlohmann::json::exception& e) {
    faults_.push_back(std::string(e.what()) + ": " + body);
  }
}

std::vector<AlertMessage> AlertReceiver::Messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<std::string> AlertReceiver::Faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

}  // namespace streamgauge::test
