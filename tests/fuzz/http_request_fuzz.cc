// The whole server, fed with raw bytes over loopback, once without and once with a password: it
// answers in HTTP or not at all, says nothing that is secret, lets nobody in without the password,
// and reloads for nobody where that is disabled.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "fuzz/fuzzer.h"
#include "http/server.h"
#include "support/loopback.h"
#include "support/sample_board.h"

namespace streamgauge {
namespace {

using test::Require;

// prometheus:sWordFish, of the lowest cost.
constexpr const char* kHash = "$2b$04$Xl4dpcQcHlNB6dgYVSvLMOhmh0RRvMAVJIvc9Zq59LAWIM4F8BHWG";
constexpr std::string_view kCredentials = "cHJvbWV0aGV1czpzV29yZEZpc2g=";

struct Served {
  explicit Served(WebSettings settings) {
    test::FillSampleBoard(board);
    HttpConfig config;
    config.host = "127.0.0.1";
    config.port = 0;
    server = std::make_unique<HttpServer>(
        config, HttpServer::Dependencies{.board = &board,
                                         .exposition = &exposition,
                                         .reload =
                                             [] {
                                               Require(false, "a disabled reload is not called");
                                               return std::string();
                                             },
                                         .version = "1.2.3",
                                         .web = std::move(settings)});
    Require(server->Start().has_value(), "the server starts");
  }

  Board board;
  AgentMetrics agent{"1.2.3", "abc"};
  Exposition exposition{board, agent};
  std::unique_ptr<HttpServer> server;
};

std::string Exchange(std::uint16_t port, std::string_view request) {
  const int descriptor = test::ConnectLoopback(port, std::chrono::seconds(5));
  Require(descriptor >= 0, "the server can be connected to");
  // It may close before it has read everything: then the rest is not sent.
  (void)send(descriptor, request.data(), request.size(), MSG_NOSIGNAL);
  shutdown(descriptor, SHUT_WR);
  std::string answer;
  std::string piece(1 << 16, '\0');
  for (;;) {
    const ssize_t size = recv(descriptor, piece.data(), piece.size(), 0);
    if (size < 0 && errno == EINTR) continue;  // libFuzzer's own alarm
    Require(size >= 0 || errno == ECONNRESET, "the server answers in time");
    if (size <= 0) break;
    answer.append(piece, 0, static_cast<std::size_t>(size));
  }
  close(descriptor);
  return answer;
}

// The lines before the body are a status and headers, and nothing of the request is in them.
void CheckHead(std::string_view head) {
  test::Pieces lines(head);
  const std::string_view status = lines.Line();
  Require(status.starts_with("HTTP/1.1 ") && status.size() > 12, "an answer is HTTP", status);
  while (!lines.empty()) {
    const std::string_view line = lines.Line();
    const std::string_view name = line.substr(0, line.find(": "));
    Require(line.ends_with('\r') && name.size() < line.size(), "a header is a name and a value",
            line);
    constexpr std::string_view kNames[] = {"Accept-Ranges",
                                           "Allow",
                                           "Cache-Control",
                                           "Connection",
                                           "Content-Length",
                                           "Content-Security-Policy",
                                           "Content-Type",
                                           "Content-Encoding",
                                           "Cross-Origin-Resource-Policy",
                                           "Keep-Alive",
                                           "Referrer-Policy",
                                           "Retry-After",
                                           "Transfer-Encoding",
                                           "Vary",
                                           "WWW-Authenticate",
                                           "X-Content-Type-Options",
                                           "X-Frame-Options"};
    Require(std::ranges::find(kNames, name) != std::end(kNames), "no header is made up", line);
  }
}

void CheckBody(std::string_view head, std::string_view body) {
  if (head.find("application/json") == std::string_view::npos) return;
  if (body.empty() || head.find("chunked") != std::string_view::npos) return;
  Require(nlohmann::json::accept(body), "JSON is JSON", body);
}

bool IsProbe(std::string_view request) { return request.find("/-/") != std::string_view::npos; }

void CheckAnswer(std::string_view answer) {
  if (answer.empty()) return;
  // httplib's, to a client that asks before it sends its body.
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  if (answer.starts_with(kContinue)) answer.remove_prefix(kContinue.size());
  if (answer.empty()) return;
  const std::size_t end = answer.find("\r\n\r\n");
  Require(end != std::string_view::npos, "the head of an answer has an end", answer);
  CheckHead(answer.substr(0, end + 2));
  CheckBody(answer.substr(0, end), answer.substr(end + 4));
  Require(answer.find(kHash) == std::string_view::npos &&
              answer.find(kCredentials) == std::string_view::npos,
          "an answer tells no secret");
  Require(!answer.starts_with("HTTP/1.1 500"), "nothing goes wrong inside", answer);
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(http_request) {
  using namespace streamgauge;
  // Never destroyed: OpenSSL has gone when the process ends.
  static Served& open = *new Served({});
  static Served& closed =
      *new Served({.config = {.tls = {}, .users = {{"prometheus", kHash}}, .headers = {}},
                   .tls = nullptr,
                   .content = {}});
  CheckAnswer(Exchange(open.server->port(), input));
  const std::string answer = Exchange(closed.server->port(), input);
  CheckAnswer(answer);
  // Other spellings of the same password in Base64 end in another bit or two.
  const bool knows = input.find(kCredentials.substr(0, 24)) != std::string_view::npos;
  Require(knows || IsProbe(input) || !answer.starts_with("HTTP/1.1 2"),
          "nobody comes in without the password", input);
}
