#include "support/post_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace streamgauge::test {
namespace {

constexpr int kStopCheckMs = 100;
constexpr std::size_t kMaxRequestBytes = 16UL << 20;

// Go's client and curl both write the header so and send a length.
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

std::optional<PostRequest> Receive(int connection) {
  std::string bytes;
  std::string chunk(1 << 16, '\0');
  while (bytes.size() < kMaxRequestBytes) {
    const std::size_t head_end = bytes.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const std::string head = bytes.substr(0, head_end);
      const auto length = ContentLength(head);
      if (!head.starts_with("POST ") || !length) return std::nullopt;
      if (bytes.size() >= head_end + 4 + *length) {
        return PostRequest{PathOf(head), head, bytes.substr(head_end + 4, *length)};
      }
    }
    const ssize_t received = recv(connection, chunk.data(), chunk.size(), 0);
    if (received <= 0) return std::nullopt;
    bytes.append(chunk, 0, static_cast<std::size_t>(received));
  }
  return std::nullopt;
}

std::string ToHttp(const PostAnswer& answer) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " -\r\n";
  if (!answer.body.empty()) text += "Content-Type: application/json\r\n";
  text += "Content-Length: " + std::to_string(answer.body.size());
  return text + "\r\nConnection: close\r\n\r\n" + answer.body;
}

}  // namespace

PostServer::PostServer(Handler handler) : handler_(std::move(handler)), listener_(Listen()) {
  thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
}

PostServer::~PostServer() {
  thread_ = {};  // stops and joins
  close(listener_.fd);
}

void PostServer::Serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{listener_.fd, POLLIN, 0};
    if (poll(&waiting, 1, kStopCheckMs) <= 0) continue;
    const int connection = accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const timeval limit{5, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    Answer(connection);
    close(connection);
  }
}

void PostServer::Answer(int connection) {
  const std::string answer = ToHttp(handler_(Receive(connection)));
  send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
}

}  // namespace streamgauge::test
