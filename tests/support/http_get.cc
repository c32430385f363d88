#include "support/http_get.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "support/loopback.h"

namespace streamgauge::test {
namespace {

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Calls `take` with what arrives until the other side closes.
template <typename Take>
void ReceiveAll(int fd, const Take& take) {
  std::string chunk(1 << 18, '\0');
  for (;;) {
    const ssize_t received = recv(fd, chunk.data(), chunk.size(), 0);
    if (received <= 0) return;
    take(std::string_view(chunk).substr(0, static_cast<std::size_t>(received)));
  }
}

std::string RequestText(const std::string& method, const std::string& path,
                        const std::map<std::string, std::string>& headers,
                        const std::string& body) {
  std::string request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return request + "Connection: close\r\n\r\n" + body;
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The data of a chunked body; empty when it is cut off or malformed.
std::optional<std::string> JoinChunks(std::string_view rest) {
  std::string body;
  for (;;) {
    const std::size_t line_end = rest.find("\r\n");
    if (line_end == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    if (std::from_chars(rest.data(), rest.data() + line_end, size, 16).ec != std::errc()) {
      return std::nullopt;
    }
    rest.remove_prefix(line_end + 2);
    if (size == 0) return body;
    if (rest.size() < size + 2) return std::nullopt;
    body.append(rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
}

void ParseHeaders(const std::string& head, HttpResponse& response) {
  std::istringstream lines(head);
  std::string line;
  std::getline(lines, line);  // the status line
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    response.headers[LowerCase(line.substr(0, colon))] =
        value == std::string::npos ? "" : line.substr(value);
  }
}

HttpResponse Parse(const std::string& answer, bool has_body) {
  HttpResponse response;
  const std::size_t head_end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || head_end == std::string::npos) return response;
  ParseHeaders(answer.substr(0, head_end), response);
  response.body = answer.substr(head_end + 4);
  if (has_body && response.headers["transfer-encoding"] == "chunked") {
    auto joined = JoinChunks(response.body);
    if (!joined) return {};
    response.body = std::move(*joined);
  }
  response.status = std::stoi(answer.substr(9, 3));
  return response;
}

}  // namespace

HttpResponse HttpRequest(std::uint16_t port, const std::string& method, const std::string& path,
                         const std::map<std::string, std::string>& headers, const std::string& body,
                         std::chrono::milliseconds timeout) {
  const int fd = ConnectLoopback(port, timeout);
  if (fd < 0) return {};
  std::string answer;
  if (SendAll(fd, RequestText(method, path, headers, body))) {
    ReceiveAll(fd, [&](std::string_view bytes) { answer += bytes; });
  }
  close(fd);
  return Parse(answer, method != "HEAD");
}

std::size_t HttpDrain(std::uint16_t port, const std::string& path,
                      const std::map<std::string, std::string>& headers,
                      std::chrono::milliseconds timeout) {
  constexpr std::string_view kFine = "HTTP/1.1 200";
  const int fd = ConnectLoopback(port, timeout);
  std::size_t size = 0;
  std::string head;
  if (fd >= 0 && SendAll(fd, RequestText("GET", path, headers, ""))) {
    ReceiveAll(fd, [&](std::string_view bytes) {
      size += bytes.size();
      if (head.size() < kFine.size()) head += bytes.substr(0, kFine.size());
    });
  }
  if (fd >= 0) close(fd);
  if (!head.starts_with(kFine)) throw std::runtime_error("no answer to GET " + path);
  return size;
}

HttpResponse HttpGet(std::uint16_t port, const std::string& path,
                     const std::map<std::string, std::string>& headers,
                     std::chrono::milliseconds timeout) {
  return HttpRequest(port, "GET", path, headers, "", timeout);
}

}  // namespace streamgauge::test
