#include "http/web_access.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/server.h"
#include "support/certificates.h"
#include "support/http_get.h"
#include "support/loopback.h"
#include "support/process.h"
#include "support/require.h"
#include "support/sample_board.h"
#include "support/temp_dir.h"
#include "support/wait_for.h"

namespace streamgauge {
namespace {

using std::chrono::seconds;
using test::CertificateAuthority;
using test::CertificateFiles;
using testing::HasSubstr;

// alice:s3cret
constexpr const char* kUsers =
    "basic_auth_users: {alice: $2b$04$MMzrALjx32P7hicu4JCn6.xNFoFTe9hN524OFatJ9tYBlti1Dkzm6}\n";

std::string Tls(const CertificateFiles& files, const std::string& more = "") {
  return fmt::format("tls_server_config: {{cert_file: {}, key_file: {}{}}}\n", files.cert.string(),
                     files.key.string(), more);
}

std::string Problem(const std::expected<WebSettings, ConfigProblems>& loaded) {
  return loaded ? "" : loaded.error().at(0).ToString();
}

class WebAccessTest : public testing::Test {
 protected:
  void SetUp() override {
    STREAMGAUGE_REQUIRE(CertificateAuthority::Available() && test::FindProgram("curl"),
                        "openssl and curl: run tools/setup.sh test");
    test::FillSampleBoard(board_);
  }

  void Start(const std::string& web) {
    HttpConfig config;
    config.host = "127.0.0.1";
    config.port = 0;
    config.web_config_file = folder_.Write("web.yml", web);
    auto settings = LoadWebSettings(config.web_config_file);
    ASSERT_TRUE(settings) << Problem(settings);
    server_ =
        std::make_unique<HttpServer>(config, HttpServer::Dependencies{.board = &board_,
                                                                      .exposition = &exposition_,
                                                                      .reload = nullptr,
                                                                      .version = "1.2.3",
                                                                      .limits = limits_,
                                                                      .web = std::move(*settings)});
    const auto started = server_->Start();
    ASSERT_TRUE(started) << started.error().message;
  }

  // The status of a real client over TLS; 0: no connection, or a certificate that is refused.
  int Curl(const std::string& path, std::vector<std::string> options = {}) {
    std::vector<std::string> argv = {
        "curl",      "--silent",    "--max-time",   "20",       "--output",
        "/dev/null", "--write-out", "%{http_code}", "--cacert", authority_->cert().string()};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back(fmt::format("https://127.0.0.1:{}{}", server_->port(), path));
    return std::atoi(test::RunToEnd({.argv = argv, .env = {}, .cwd = {}}).out.c_str());
  }

  std::unique_ptr<CertificateAuthority> authority_ =
      std::make_unique<CertificateAuthority>("first authority");
  test::TempDir folder_;
  Board board_;
  AgentMetrics agent_{"1.2.3", "abc"};
  Exposition exposition_{board_, agent_};
  ConnectionLimits limits_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebAccessTest, PasswordsAreAskedForEverywhereButByProbes) {
  Start(kUsers);
  const std::map<std::string, std::string> right = {{"Authorization", "Basic YWxpY2U6czNjcmV0"}};
  for (const char* path : {"/metrics", "/", "/api/v1/groups", "/api/v1/targets", "/nothing"}) {
    const auto refused = test::HttpGet(server_->port(), path);
    EXPECT_EQ(refused.status, 401) << path;
    EXPECT_EQ(refused.headers.at("www-authenticate"), "Basic realm=\"streamgauge\"");
    EXPECT_THAT(refused.body, testing::Not(HasSubstr("orders"))) << path;
  }
  EXPECT_EQ(test::HttpRequest(server_->port(), "POST", "/-/reload").status, 401);
  EXPECT_EQ(test::HttpGet(server_->port(), "/metrics", right).status, 200);
  EXPECT_EQ(test::HttpGet(server_->port(), "/nothing", right).status, 404);
  EXPECT_EQ(test::HttpGet(server_->port(), "/-/healthy").status, 200);
  EXPECT_EQ(test::HttpGet(server_->port(), "/-/ready").body, "not polled yet: a target\n")
      << "which one is nobody's business";
}

TEST_F(WebAccessTest, TlsIsServed) {
  Start(Tls(authority_->Issue("server")));
  EXPECT_EQ(Curl("/metrics"), 200);
  EXPECT_EQ(Curl("/metrics", {"--tls-max", "1.2"}), 200);
  EXPECT_EQ(test::HttpGet(server_->port(), "/metrics").status, 0) << "no answer in clear";
}

TEST_F(WebAccessTest, AHandshakeThatIsNeverFinishedIsCutOff) {
  limits_.request = std::chrono::milliseconds(300);
  Start(Tls(authority_->Issue("server")));
  for (const std::string_view begin : {"", "\x16\x03\x01"}) {
    const int client = test::ConnectLoopback(server_->port(), seconds(4));
    ASSERT_GE(client, 0);
    send(client, begin.data(), begin.size(), MSG_NOSIGNAL);
    char byte = 0;
    const auto began = std::chrono::steady_clock::now();
    EXPECT_LE(recv(client, &byte, 1, 0), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(3));
    close(client);
  }
}

TEST_F(WebAccessTest, TheLeastVersionHolds) {
  Start(Tls(authority_->Issue("server"), ", min_version: TLS13"));
  EXPECT_EQ(Curl("/-/healthy", {"--tls-max", "1.2"}), 0);
  EXPECT_EQ(Curl("/-/healthy"), 200);
}

TEST_F(WebAccessTest, ClientsNeedACertificateOfTheAuthority) {
  const CertificateFiles client = authority_->Issue("client");
  const CertificateFiles stranger = CertificateAuthority("second authority").Issue("stranger");
  Start(Tls(authority_->Issue("server"),
            ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: " +
                authority_->cert().string()));
  EXPECT_EQ(Curl("/metrics"), 0) << "without one";
  EXPECT_EQ(Curl("/metrics", {"--cert", client.cert, "--key", client.key}), 200);
  EXPECT_EQ(Curl("/metrics", {"--cert", stranger.cert, "--key", stranger.key}), 0);
}

TEST_F(WebAccessTest, ARenewedCertificateIsServedWithoutARestart) {
  const CertificateFiles files = authority_->Issue("server");
  Start(Tls(files) + kUsers);
  ASSERT_EQ(Curl("/metrics", {"--user", "alice:s3cret"}), 200);
  authority_ = std::make_unique<CertificateAuthority>("new authority");
  ASSERT_EQ(Curl("/-/healthy"), 0) << "the new authority has not signed the old certificate";
  const CertificateFiles renewed = authority_->Issue("renewed");
  folder_.Write("web.yml", Tls(renewed) + kUsers);
  EXPECT_TRUE(test::WaitFor([&] { return Curl("/-/healthy") == 200; }, seconds(20)));
}

TEST_F(WebAccessTest, AFileThatCannotBeUsedChangesNothing) {
  Start(kUsers);
  WebAccess access(folder_.path() / "web.yml", *LoadWebSettings(folder_.path() / "web.yml"));
  auto now = std::chrono::steady_clock::now();
  for (const char* broken : {"basic_auth_users: {alice: hunter2}", "basic_auth_users: [", ""}) {
    // The empty file is no mistake: it opens the door, as its owner wants.
    const bool opens = std::string(broken).empty();
    folder_.Write("web.yml", broken);
    now += seconds(2);
    EXPECT_EQ(access.Current(now)->config.users.empty(), opens) << broken;
  }
  std::filesystem::remove(folder_.path() / "web.yml");
  EXPECT_NE(access.Current(now + seconds(2)), nullptr);
}

TEST_F(WebAccessTest, TlsDoesNotComeOrGoWhileItRuns) {
  const std::filesystem::path file = folder_.Write("web.yml", Tls(authority_->Issue("server")));
  WebAccess access(file, *LoadWebSettings(file));
  folder_.Write("web.yml", kUsers);
  const WebSettingsRef settings = access.Current(std::chrono::steady_clock::now() + seconds(2));
  EXPECT_NE(settings->tls, nullptr);
  EXPECT_TRUE(settings->config.users.empty());
}

TEST_F(WebAccessTest, HeadersAreAddedAndReplaceOurs) {
  Start("http_server_config: {headers: {X-Frame-Options: SAMEORIGIN}}\n");
  EXPECT_EQ(test::HttpGet(server_->port(), "/").headers.at("x-frame-options"), "SAMEORIGIN");
  EXPECT_EQ(test::HttpGet(server_->port(), "/metrics").headers.at("x-frame-options"), "SAMEORIGIN");
}

TEST_F(WebAccessTest, WhatDoesNotFitIsSaid) {
  const CertificateFiles files = authority_->Issue("server");
  const CertificateFiles other = authority_->Issue("other");
  const auto problem = [&](const std::string& text) {
    return Problem(LoadWebSettings(folder_.Write("web.yml", text)));
  };
  EXPECT_THAT(problem(Tls({files.cert, other.key})),
              HasSubstr("key_file: is not the key of the certificate in cert_file"));
  EXPECT_THAT(problem(Tls({files.key, files.key})), HasSubstr("cert_file: holds no certificate"));
  EXPECT_THAT(problem(Tls({files.cert, files.cert})), HasSubstr("key_file: holds no private key"));
  EXPECT_THAT(problem(Tls({"/nowhere.pem", files.key})),
              HasSubstr("tls_server_config.cert_file: /nowhere.pem: No such file"));
  EXPECT_THAT(Problem(LoadWebSettings("/nowhere/web.yml")), HasSubstr("cannot be read: No such"));
}

}  // namespace
}  // namespace streamgauge
