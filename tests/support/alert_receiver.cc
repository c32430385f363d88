#include "support/alert_receiver.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>

namespace streamgauge::test {
namespace {

constexpr int kStopCheckMs = 100;
constexpr std::size_t kMaxRequestBytes = 16UL << 20;

struct Request {
  std::string path;
  std::string body;
};

// Go's client, as Alertmanager uses it, writes the header so and sends a length.
std::optional<std::size_t> ContentLength(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  const char* begin = head.data() + at + kName.size();
  std::size_t length = 0;
  if (std::from_chars(begin, head.data() + head.size(), length).ec != std::errc()) {
    return std::nullopt;
  }
  return length;
}

// "POST /pager HTTP/1.1"
std::string PathOf(const std::string& head) {
  const std::size_t begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

std::optional<Request> Receive(int connection) {
  std::string bytes;
  std::string chunk(1 << 16, '\0');
  while (bytes.size() < kMaxRequestBytes) {
    const std::size_t head_end = bytes.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const std::string head = bytes.substr(0, head_end);
      const auto length = ContentLength(head);
      if (!head.starts_with("POST ") || !length) return std::nullopt;
      if (bytes.size() >= head_end + 4 + *length) {
        return Request{PathOf(head), bytes.substr(head_end + 4, *length)};
      }
    }
    const ssize_t received = recv(connection, chunk.data(), chunk.size(), 0);
    if (received <= 0) return std::nullopt;
    bytes.append(chunk, 0, static_cast<std::size_t>(received));
  }
  return std::nullopt;
}

AlertMessage ToMessage(const nlohmann::json& alert, const std::string& path) {
  return {.arrived = std::chrono::steady_clock::now(),
          .path = path,
          .status = alert.at("status"),
          .labels = alert.at("labels"),
          .annotations = alert.at("annotations"),
          .starts_at = alert.at("startsAt")};
}

}  // namespace

AlertReceiver::AlertReceiver() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, length) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "no port for a receiver of alerts");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
}

AlertReceiver::~AlertReceiver() {
  thread_ = {};  // stops and joins
  close(listener_);
}

void AlertReceiver::Serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, kStopCheckMs) <= 0) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const timeval limit{5, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    Answer(connection);
    close(connection);
  }
}

void AlertReceiver::Answer(int connection) {
  const auto request = Receive(connection);
  if (request) {
    Take(request->path, request->body);
  } else {
    const std::lock_guard lock(mutex_);
    faults_.emplace_back("a request that is no POST of a known length, or was cut off");
  }
  constexpr std::string_view kAnswer =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
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
