// A webhook receiver of Alertmanager's on 127.0.0.1: it keeps every message and answers 200.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/metrics_page.h"
#include "support/post_server.h"

namespace streamgauge::test {

// One alert in one message. A message of several alerts is several of these.
struct AlertMessage {
  std::chrono::steady_clock::time_point arrived;
  std::string path;    // of the request: the example has /pager and /chat
  std::string status;  // firing, resolved
  Labels labels;
  std::map<std::string, std::string> annotations;
  std::string starts_at;

  const std::string& name() const { return labels.at("alertname"); }
  bool firing() const { return status == "firing"; }
};

// Messages() and Faults() may be called from any thread.
class AlertReceiver {
 public:
  std::uint16_t port() const { return server_.port(); }
  // Everything that has arrived, in order.
  std::vector<AlertMessage> Messages() const;
  // Requests that are no message of Alertmanager's, in words.
  std::vector<std::string> Faults() const;

 private:
  PostAnswer Answer(const std::optional<PostRequest>& request);
  void Take(const std::string& path, const std::string& body);

  mutable std::mutex mutex_;
  std::vector<AlertMessage> messages_;
  std::vector<std::string> faults_;
  PostServer server_{[this](const auto& request) { return Answer(request); }};  // uses the others
};

}  // namespace streamgauge::test
