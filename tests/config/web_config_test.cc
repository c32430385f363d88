#include "config/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* kHash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

WebConfig Loaded(const std::string& text) {
  auto config = ParseWebConfig(text, "/etc/sg/web.yml");
  if (config) return *config;
  for (const ConfigProblem& problem : config.error()) ADD_FAILURE() << problem.ToString();
  return {};
}

std::vector<std::string> Messages(const std::string& text) {
  const auto config = ParseWebConfig(text, "web.yml");
  std::vector<std::string> messages;
  if (config) return messages;
  for (const ConfigProblem& problem : config.error()) messages.push_back(problem.ToString());
  return messages;
}

TEST(WebConfigTest, AnEmptyFileClosesNothing) {
  EXPECT_EQ(Loaded(""), WebConfig());
  EXPECT_EQ(Loaded("tls_server_config:\nbasic_auth_users:\n"), WebConfig());
}

TEST(WebConfigTest, TlsNeedsACertificateAndItsKey) {
  const WebConfig config = Loaded("tls_server_config: {cert_file: tls.crt, key_file: /k/tls.key}");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->cert_file, "/etc/sg/tls.crt") << "relative to the file";
  EXPECT_EQ(config.tls->key_file, "/k/tls.key");
  EXPECT_EQ(config.tls->client_auth, ClientAuth::kNone);
  EXPECT_EQ(config.tls->min_version, TlsVersion::kTls12);
}

TEST(WebConfigTest, ClientsAreVerifiedWhenItSaysSo) {
  const WebConfig config = Loaded(
      "tls_server_config:\n  cert_file: c\n  key_file: k\n  client_ca_file: ca\n"
      "  client_auth_type: RequireAndVerifyClientCert\n  min_version: TLS13\n");
  ASSERT_TRUE(config.tls);
  EXPECT_EQ(config.tls->client_auth, ClientAuth::kRequireVerified);
  EXPECT_EQ(config.tls->client_ca_file, "/etc/sg/ca");
  EXPECT_EQ(config.tls->min_version, TlsVersion::kTls13);
}

TEST(WebConfigTest, UsersHaveBcryptHashes) {
  EXPECT_THAT(Loaded(std::string("basic_auth_users:\n  alice: ") + kHash).users,
              ElementsAre(Pair("alice", kHash)));
}

TEST(WebConfigTest, HeadersOfTheToolkitAreTaken) {
  const WebConfig config = Loaded(
      "http_server_config:\n  http2: true\n  headers: {Strict-Transport-Security: max-age=9}\n");
  EXPECT_THAT(config.headers, ElementsAre(Pair("Strict-Transport-Security", "max-age=9")));
}

struct ProblemCase {
  std::string why;
  std::string text;
  std::string message;  // of the only problem
};
void PrintTo(const ProblemCase& row, std::ostream* out) { *out << row.why; }

class WebConfigProblemTest : public testing::TestWithParam<ProblemCase> {};

TEST_P(WebConfigProblemTest, IsTheOnlyOneAndSaysWhatToDo) {
  EXPECT_THAT(Messages(GetParam().text), ElementsAre(GetParam().message)) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(
    Problems, WebConfigProblemTest,
    testing::Values(
        ProblemCase{"a certificate without a key", "tls_server_config: {cert_file: c}",
                    "web.yml:1: tls_server_config.key_file: is missing: the certificate's private "
                    "key"},
        ProblemCase{"verifying by nobody's word",
                    "tls_server_config: {cert_file: c, key_file: k, client_auth_type: "
                    "VerifyClientCertIfGiven}",
                    "web.yml:1: tls_server_config.client_ca_file: is missing: whose clients to let "
                    "in"},
        ProblemCase{"an authority that nobody is held against",
                    "tls_server_config: {cert_file: c, key_file: k, client_ca_file: a}",
                    "web.yml:1: tls_server_config.client_ca_file: lets nobody in or out without "
                    "client_auth_type: RequireAndVerifyClientCert"},
        ProblemCase{"asking for a certificate and not looking at it",
                    "tls_server_config: {cert_file: c, key_file: k, client_auth_type: "
                    "RequireAnyClientCert}",
                    "web.yml:1: tls_server_config.client_auth_type: \"RequireAnyClientCert\" is "
                    "not allowed; did you mean RequireAndVerifyClientCert? (allowed: "
                    "NoClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert)"},
        ProblemCase{"versions that are broken",
                    "tls_server_config: {cert_file: c, key_file: k, min_version: TLS10}",
                    "web.yml:1: tls_server_config.min_version: \"TLS10\" is not allowed; did you "
                    "mean TLS12? (allowed: TLS12 or TLS13)"},
        ProblemCase{"no version is between them",
                    "tls_server_config: {cert_file: c, key_file: k, min_version: TLS13, "
                    "max_version: TLS12}",
                    "web.yml:1: tls_server_config.max_version: is below min_version"},
        ProblemCase{"what the toolkit would heed and this does not",
                    "tls_server_config: {cert_file: c, key_file: k, client_allowed_sans: [a]}",
                    "web.yml:1: tls_server_config.client_allowed_sans: is not supported here: give "
                    "clients certificates of a CA of their own"},
        ProblemCase{"a password in clear", "basic_auth_users: {alice: hunter2}",
                    "web.yml:1: basic_auth_users.alice: is no bcrypt hash (try: htpasswd -nBC 10 "
                    "\"\" | tr -d ':\\n')"},
        ProblemCase{"a hash that takes a minute to check",
                    "basic_auth_users: {alice: "
                    "$2y$20$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG}",
                    "web.yml:1: basic_auth_users.alice: has a cost that is not in 4 to 15 (10 is "
                    "usual)"},
        ProblemCase{"no browser could send it",
                    std::string("basic_auth_users: {\"a:b\": ") + kHash + "}",
                    "web.yml:1: basic_auth_users[\"a:b\"]: a user's name cannot hold a colon"},
        ProblemCase{"a header that is not the toolkit's",
                    "http_server_config: {headers: {Server: me}}",
                    "web.yml:1: http_server_config.headers.Server: unknown key; allowed are "
                    "Content-Security-Policy, Strict-Transport-Security, X-Content-Type-Options, "
                    "X-Frame-Options or X-XSS-Protection"},
        ProblemCase{"a header that would end the headers",
                    "http_server_config: {headers: {X-Frame-Options: \"a\\r\\nb\"}}",
                    "web.yml:1: http_server_config.headers[\"X-Frame-Options\"]: cannot hold a "
                    "line end or another control character"},
        ProblemCase{"a slip", "basic_auth_user: {}",
                    "web.yml:1: basic_auth_user: unknown key; did you mean basic_auth_users?"}));

TEST(WebConfigTest, NoProblemShowsAHash) {
  const std::string secret = "$2y$10$secretsecretsecret";
  for (const std::string& message : Messages("basic_auth_users: {alice: " + secret + "}")) {
    EXPECT_THAT(message, Not(HasSubstr("secret")));
  }
}

TEST(WebConfigTest, NoProblemShowsAPasswordThatAQuoteMadePartOfAKey) {
  EXPECT_THAT(Messages("\"basic_auth_users: {alice: secret}\": x"),
              ElementsAre("web.yml:1: [\"basic_auth_users\"]: unknown key; allowed are "
                          "basic_auth_users, http_server_config or tls_server_config"));
}

}  // namespace
}  // namespace streamgauge
