#include "http/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/gunzip.h"
#include "support/http_get.h"
#include "support/loopback.h"
#include "support/sample_board.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using std::chrono::steady_clock;
using test::Gunzip;
using test::HttpGet;
using test::HttpRequest;
using test::HttpResponse;
using testing::HasSubstr;
using testing::StartsWith;

// The part of a page that does not change from one scrape to the next.
std::string TargetsPart(const std::string& page) {
  return page.substr(0, page.find("# HELP streamgauge_scrape_duration_seconds"));
}

// Enough groups that the page does not fit into any socket's buffers.
Report ManyGroups() {
  Report report = test::SampleRedisReport();
  const GroupReading group = report.reading.groups[0];
  const GroupSignals signals = report.groups[0];
  report.reading.groups.clear();
  report.groups.clear();
  for (int i = 0; i < 10'000; ++i) {
    report.reading.groups.push_back(group);
    report.reading.groups.back().name = test::GroupName("group-" + std::to_string(i));
    report.groups.push_back(signals);
  }
  return report;
}

class ServerTest : public testing::Test {
 protected:
  void Start(bool enable_reload = false, std::function<std::string()> reload = nullptr) {
    HttpConfig config;
    config.host = "127.0.0.1";
    config.port = 0;
    config.enable_reload = enable_reload;
    server_ = std::make_unique<HttpServer>(
        config,
        HttpServer::Dependencies{&board_, &exposition_, std::move(reload), "1.2.3", limits_});
    const auto started = server_->Start();
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_NE(server_->port(), 0);
  }
  HttpResponse Get(const std::string& path,
                   const std::map<std::string, std::string>& headers = {}) {
    return HttpGet(server_->port(), path, headers);
  }

  Board board_;
  AgentMetrics agent_{"1.2.3", "abc"};
  Exposition exposition_{board_, agent_};
  ConnectionLimits limits_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(ServerTest, MetricsAreServed) {
  test::FillSampleBoard(board_);
  Start();
  const HttpResponse response = Get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(response.headers.at("transfer-encoding"), "chunked");
  EXPECT_FALSE(response.headers.contains("content-encoding"));
  EXPECT_THAT(response.body, HasSubstr("streamgauge_group_lag{"));
  EXPECT_THAT(response.body, HasSubstr("\nprocess_threads "));
}

TEST_F(ServerTest, OpenMetricsAreServedWhenAskedFor) {
  test::FillSampleBoard(board_);
  Start();
  const HttpResponse response =
      Get("/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}});
  EXPECT_EQ(response.headers.at("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(response.body.ends_with("# EOF\n"));
}

TEST_F(ServerTest, TheCompressedPageIsThePage) {
  board_.Publish(test::SampleTarget("redis", "t", ManyGroups()));
  Start();
  const HttpResponse plain = Get("/metrics");
  const HttpResponse compressed = Get("/metrics", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(compressed.status, 200);
  EXPECT_EQ(compressed.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(compressed.headers.at("content-length"), std::to_string(compressed.body.size()));
  EXPECT_EQ(TargetsPart(Gunzip(compressed.body)), TargetsPart(plain.body));
  EXPECT_GT(plain.body.size(), std::size_t{10} << 20);
}

TEST_F(ServerTest, GzipThatIsRefusedIsNotUsed) {
  test::FillSampleBoard(board_);
  Start();
  const HttpResponse response = Get("/metrics", {{"Accept-Encoding", "gzip;q=0"}});
  EXPECT_FALSE(response.headers.contains("content-encoding"));
  EXPECT_THAT(response.body, StartsWith("# HELP"));
}

TEST_F(ServerTest, HeadHasTheHeadersAndNoBody) {
  test::FillSampleBoard(board_);
  Start();
  for (const char* path : {"/metrics", "/", "/-/healthy", "/api/v1/groups", "/api/v1/targets"}) {
    const HttpResponse response =
        HttpRequest(server_->port(), "HEAD", path, {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.body, "") << path;
    EXPECT_TRUE(response.headers.contains("content-type")) << path;
  }
}

TEST_F(ServerTest, ARangeIsAnsweredWithTheWhole) {
  test::FillSampleBoard(board_);
  Start();
  for (const char* path : {"/metrics", "/", "/api/v1/groups", "/-/healthy"}) {
    for (const char* encoding : {"gzip", "identity"}) {
      const HttpResponse response =
          Get(path, {{"Range", "bytes=2-4"}, {"Accept-Encoding", encoding}});
      EXPECT_EQ(response.status, 200) << path;
      EXPECT_GT(response.body.size(), 3U) << path;
    }
    EXPECT_EQ(HttpRequest(server_->port(), "HEAD", path).headers.at("accept-ranges"), "none");
  }
}

TEST_F(ServerTest, AnUnknownPathIsNotFoundInWords) {
  Start();
  const HttpResponse response = Get("/metric");
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("the page / has links"));
}

TEST_F(ServerTest, AWrongMethodIsToldTheRightOne) {
  Start();
  const HttpResponse post = HttpRequest(server_->port(), "POST", "/metrics");
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(post.headers.at("allow"), "GET, HEAD");
  for (const char* method :
       {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"}) {
    const HttpResponse response = HttpRequest(server_->port(), method, "/api/v1/groups?limit=1");
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.headers.at("allow"), "GET, HEAD") << method;
  }
  const HttpResponse get = Get("/-/reload");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
}

TEST_F(ServerTest, ItIsHealthyBeforeAnythingWasPolled) {
  Start();
  EXPECT_EQ(Get("/-/healthy").status, 200);
}

TEST_F(ServerTest, ItIsReadyWhenEveryTargetWasPolled) {
  Start();
  EXPECT_EQ(Get("/-/ready").status, 503) << "nothing is set up";
  board_.Publish(test::UnpolledTarget("redis", "checkout"));
  board_.Publish(test::UnpolledTarget("kafka", "events"));
  HttpResponse response = Get("/-/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("checkout, events"));
  board_.Publish(test::SampleTarget("redis", "checkout", test::SampleRedisReport()));
  response = Get("/-/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "not polled yet: events\n");
  board_.Publish(test::DownTarget("kafka", "events"));
  EXPECT_EQ(Get("/-/ready").status, 200) << "a failure is reported, and so an outcome";
}

TEST_F(ServerTest, ReloadIsOffByDefault) {
  Start(false, [] { return std::string(); });
  const HttpResponse response = HttpRequest(server_->port(), "POST", "/-/reload");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, HasSubstr("http.enable_reload"));
}

TEST_F(ServerTest, ReloadSaysHowItWent) {
  std::string problem;
  Start(true, [&problem] { return problem; });
  EXPECT_EQ(HttpRequest(server_->port(), "POST", "/-/reload").status, 200);
  problem = "agent.yaml:3: no";
  const HttpResponse response = HttpRequest(server_->port(), "POST", "/-/reload");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("agent.yaml:3: no"));
}

TEST_F(ServerTest, AnExceptionIsAnErrorAndNotTheEnd) {
  Start(true, []() -> std::string { throw std::runtime_error("secret"); });
  const HttpResponse response = HttpRequest(server_->port(), "POST", "/-/reload");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(Get("/-/healthy").status, 200);
}

TEST_F(ServerTest, GroupsAndTargetsAreServedAsJson) {
  test::FillSampleBoard(board_);
  Start();
  const HttpResponse groups = Get("/api/v1/groups?target=check%2A&state=stalled&limit=5");
  EXPECT_EQ(groups.status, 200);
  EXPECT_EQ(groups.headers.at("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(nlohmann::json::parse(groups.body).at("groups").at(0).at("group"), "billing");
  const HttpResponse targets = Get("/api/v1/targets");
  EXPECT_EQ(nlohmann::json::parse(targets.body).at("targets").size(), 4U);
}

TEST_F(ServerTest, WrongParametersAreABadRequest) {
  test::FillSampleBoard(board_);
  Start();
  for (const char* path :
       {"/api/v1/groups?x=1", "/api/v1/groups?state=bad", "/api/v1/groups?limit=none",
        "/api/v1/groups?limit=1&limit=2", "/api/v1/targets?x=1"}) {
    const HttpResponse response = Get(path);
    EXPECT_EQ(response.status, 400) << path;
    EXPECT_TRUE(nlohmann::json::parse(response.body).contains("error")) << path;
  }
}

TEST_F(ServerTest, ThePageForPeopleIsLockedDown) {
  test::FillSampleBoard(board_);
  Start();
  const HttpResponse response = Get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(response.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(response.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(response.headers.at("x-frame-options"), "DENY");
}

TEST_F(ServerTest, EveryAnswerIsLockedDown) {
  test::FillSampleBoard(board_);
  Start();
  for (const char* path : {"/", "/metrics", "/api/v1/groups", "/api/v1/groups?x=1", "/-/healthy",
                           "/-/reload", "/nothing"}) {
    const HttpResponse response = Get(path);
    EXPECT_THAT(response.headers.at("content-security-policy"), HasSubstr("frame-ancestors 'none'"))
        << path;
    EXPECT_EQ(response.headers.at("x-content-type-options"), "nosniff") << path;
    EXPECT_EQ(response.headers.at("x-frame-options"), "DENY") << path;
    EXPECT_EQ(response.headers.at("referrer-policy"), "no-referrer") << path;
    EXPECT_EQ(response.headers.at("cross-origin-resource-policy"), "same-origin") << path;
    EXPECT_EQ(response.headers.at("cache-control"), "no-store") << path;
  }
}

TEST_F(ServerTest, TooLargeRequestsAreRefused) {
  Start();
  EXPECT_EQ(HttpRequest(server_->port(), "POST", "/-/reload", {}, std::string(1 << 20, 'x')).status,
            413);
  EXPECT_GE(Get("/" + std::string(20'000, 'x')).status, 400);
  EXPECT_EQ(Get("/-/healthy").status, 200);
}

TEST_F(ServerTest, TooLargeHeadersAreRefused) {
  Start();
  std::map<std::string, std::string> many;
  for (int i = 0; i < 110; ++i) many["X-" + std::to_string(i)] = "x";
  const HttpResponse too_many = Get("/-/healthy", many);
  EXPECT_NE(too_many.status, 200);
  const HttpResponse too_long = Get("/-/healthy", {{"X", std::string(9'000, 'x')}});
  EXPECT_NE(too_long.status, 200);
  EXPECT_EQ(Get("/-/healthy", {{"X", std::string(4'000, 'x')}}).status, 200);
}

TEST_F(ServerTest, APortInUseIsNamedWithTheCause) {
  Start();
  HttpConfig config;
  config.host = "127.0.0.1";
  config.port = server_->port();
  HttpServer second(config, {&board_, &exposition_, nullptr, ""});
  const auto started = second.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, Reason::kUnavailable);
  EXPECT_THAT(started.error().message,
              HasSubstr("127.0.0.1:" + std::to_string(config.port) + ": Address already in use"));
}

TEST_F(ServerTest, AHostThatDoesNotExistIsNamedWithTheCause) {
  HttpConfig config;
  config.host = "256.256.256.256";
  HttpServer server(config, {&board_, &exposition_, nullptr, ""});
  const auto started = server.Start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("256.256.256.256:9760: "));
}

TEST_F(ServerTest, ScrapesSeeWholePagesWhileTargetsPublish) {
  test::FillSampleBoard(board_);
  Start();
  std::atomic<int> scrapes = 0;
  std::vector<std::jthread> clients;
  for (const char* encoding : {"gzip", "identity", "gzip"}) {
    clients.emplace_back([&, encoding](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const HttpResponse response =
            Get("/metrics", {{"Accept-Encoding", encoding},
                             {"Accept", "application/openmetrics-text;version=1.0.0"}});
        const bool compressed = response.headers.contains("content-encoding");
        const std::string page = compressed ? Gunzip(response.body) : response.body;
        EXPECT_EQ(response.status, 200);
        EXPECT_TRUE(page.ends_with("# EOF\n"));
        EXPECT_THAT(page,
                    HasSubstr("streamgauge_target_up{system=\"redis\",target=\"checkout\"} 1"));
        ++scrapes;
      }
    });
  }
  ASSERT_TRUE(test::WaitFor(
      [&] {
        board_.Publish(test::SampleTarget("redis", "checkout", test::SampleRedisReport()));
        return scrapes > 60;
      },
      std::chrono::seconds(30)));
}

// A client that asks and never reads, or never finishes asking.
int SlowClient(std::uint16_t port, const std::string& request) {
  const int descriptor = test::ConnectLoopback(port, std::chrono::seconds(5));
  EXPECT_GE(descriptor, 0);
  EXPECT_EQ(send(descriptor, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  return descriptor;
}

// Everything that comes until the server closes.
std::string ReadToTheEnd(int descriptor) {
  std::string text;
  std::string piece(1 << 16, ' ');
  for (;;) {
    const ssize_t size = recv(descriptor, piece.data(), piece.size(), 0);
    if (size <= 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(size));
  }
}

const std::string kUnfinished = "GET /metrics HTTP/1.1\r\nHost: x\r\n";

// Clients that never finish asking, and send a little so often that no wait for a piece ends.
class Tricklers {
 public:
  Tricklers(std::uint16_t port, int count) {
    for (int i = 0; i < count; ++i) clients_.push_back(SlowClient(port, kUnfinished));
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        for (const int client : clients_) send(client, "X: a\r\n", 6, MSG_NOSIGNAL);
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
      }
    });
  }
  ~Tricklers() {
    thread_ = {};
    for (const int client : clients_) close(client);
  }
  bool OneWasClosed() const {
    return std::ranges::any_of(clients_, [](int client) {
      char byte = 0;
      return recv(client, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
    });
  }

 private:
  std::vector<int> clients_;
  std::jthread thread_;
};

TEST_F(ServerTest, ARequestThatTricklesInIsCutOff) {
  limits_.request = std::chrono::milliseconds(300);
  Start();
  const Tricklers clients(server_->port(), 1);
  const auto began = steady_clock::now();
  EXPECT_TRUE(test::WaitFor([&] { return clients.OneWasClosed(); }, std::chrono::seconds(4)));
  EXPECT_GT(steady_clock::now() - began, std::chrono::milliseconds(250));
}

TEST_F(ServerTest, MoreTricklingClientsThanThreadsDoNotSilenceIt) {
  Start();
  const Tricklers clients(server_->port(), 40);
  const HttpResponse response = HttpGet(server_->port(), "/-/healthy", {}, std::chrono::seconds(6));
  EXPECT_EQ(response.status, 200);
}

TEST_F(ServerTest, MoreClientsThatNeverReadThanThreadsDoNotDelayProbes) {
  limits_.answer_when_full = std::chrono::seconds(30);  // none of them is cut off meanwhile
  board_.Publish(test::SampleTarget("redis", "t", ManyGroups()));
  Start();
  std::vector<int> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(SlowClient(server_->port(), kUnfinished + "\r\n"));
  }
  for (const char* path : {"/-/healthy", "/-/ready"}) {
    EXPECT_EQ(HttpGet(server_->port(), path, {}, std::chrono::seconds(15)).status, 200) << path;
  }
  const HttpResponse another = Get("/metrics");
  EXPECT_EQ(another.status, 503);
  EXPECT_EQ(another.headers.at("retry-after"), "1");
  for (const int client : clients) close(client);
}

TEST_F(ServerTest, ClientsThatNeverReadMakeWayForOthers) {
  limits_.answer_when_full = std::chrono::milliseconds(300);
  board_.Publish(test::SampleTarget("redis", "t", ManyGroups()));
  Start();
  std::vector<int> clients;
  // As many as there are places, and nobody waits.
  for (int i = 0; i < 12; ++i) {
    clients.push_back(SlowClient(server_->port(), kUnfinished + "\r\n"));
  }
  EXPECT_TRUE(
      test::WaitFor([&] { return Get("/metrics").status == 200; }, std::chrono::seconds(20)));
  for (const int client : clients) close(client);
}

TEST_F(ServerTest, AnAnswerThatIsTakenSlowlyIsCutOff) {
  limits_.answer = std::chrono::milliseconds(500);
  board_.Publish(test::SampleTarget("redis", "t", ManyGroups()));
  Start();
  for (const char* path : {"/metrics", "/api/v1/groups"}) {
    const int client =
        SlowClient(server_->port(), std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    // Reads a little so often that no wait of the server for a piece ends.
    std::string piece(1000, ' ');
    const auto end = steady_clock::now() + std::chrono::milliseconds(1500);
    while (steady_clock::now() < end && recv(client, piece.data(), piece.size(), 0) > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const std::string rest = ReadToTheEnd(client);
    EXPECT_FALSE(rest.ends_with("\r\n0\r\n\r\n")) << path << ": the whole was sent";
    close(client);
  }
}

TEST_F(ServerTest, EveryAnswerEndsItsConnection) {
  test::FillSampleBoard(board_);
  Start(true, [] { return std::string(); });
  const std::string end = "Host: x\r\nConnection: keep-alive\r\n\r\n";
  for (const std::string& request :
       {"GET /metrics HTTP/1.1\r\n" + end, "GET /nothing HTTP/1.1\r\n" + end,
        "GET / HTTP/3\r\n" + end, "GET /-/healthy HTTP/1.0\r\n" + end,
        "POST /-/reload HTTP/1.1\r\nContent-Length: 100000\r\n" + end +
            std::string(100'000, 'x')}) {
    const auto began = steady_clock::now();
    const int client = SlowClient(server_->port(), request);
    EXPECT_THAT(ReadToTheEnd(client), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_LT(steady_clock::now() - began, std::chrono::seconds(2)) << request.substr(0, 40);
    close(client);
  }
}

TEST_F(ServerTest, OldClientsGetNoChunks) {
  test::FillSampleBoard(board_);
  Start();
  for (const std::string path : {"/metrics", "/api/v1/groups"}) {
    for (const char* connection : {"", "Connection: Keep-Alive\r\n"}) {
      const int client =
          SlowClient(server_->port(), "GET " + path + " HTTP/1.0\r\n" + connection + "\r\n");
      const std::string answer = ReadToTheEnd(client);
      close(client);
      const std::size_t head = answer.find("\r\n\r\n");
      ASSERT_NE(head, std::string::npos);
      EXPECT_EQ(answer.substr(0, head).find("Transfer-Encoding"), std::string::npos) << path;
      EXPECT_TRUE(answer[head + 4] == '#' || answer[head + 4] == '{') << answer.substr(head);
      EXPECT_TRUE(answer.ends_with('\n'));
    }
  }
}

TEST_F(ServerTest, SlowClientsDoNotKeepItFromStopping) {
  board_.Publish(test::SampleTarget("redis", "t", ManyGroups()));
  Start();
  std::vector<int> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(SlowClient(server_->port(), kUnfinished + "\r\n"));
  for (int i = 0; i < 3; ++i) clients.push_back(SlowClient(server_->port(), kUnfinished));
  EXPECT_EQ(Get("/-/healthy").status, 200) << "nor from answering others";
  const auto began = steady_clock::now();
  server_->Stop();
  EXPECT_LT(steady_clock::now() - began, std::chrono::seconds(1));
  server_->Stop();
  for (const int client : clients) close(client);
}

TEST_F(ServerTest, WhatWasStoppedNoLongerListens) {
  Start();
  const std::uint16_t port = server_->port();
  server_->Stop();
  EXPECT_EQ(HttpGet(port, "/-/healthy").status, 0);
}

TEST_F(ServerTest, ItCanBeStoppedWithoutHavingStarted) {
  HttpServer server({}, {&board_, &exposition_, nullptr, ""});
  server.Stop();
}

}  // namespace
}  // namespace streamgauge
