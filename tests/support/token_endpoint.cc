#include "support/token_endpoint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace streamgauge::test {
namespace {

std::string Base64(const std::string& text) {
  std::vector<unsigned char> encoded(4 * ((text.size() + 2) / 3) + 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const int size = EVP_EncodeBlock(encoded.data(), bytes, static_cast<int>(text.size()));
  return {encoded.begin(), encoded.begin() + size};
}

// As tokens want it: without the end, and fit for an address.
std::string Base64Url(const nlohmann::json& json) {
  std::string text = Base64(json.dump());
  std::erase(text, '=');
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string FromBase64(const std::string& text) {
  std::vector<unsigned char> decoded(3 * (text.size() / 4) + 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const int size = EVP_DecodeBlock(decoded.data(), bytes, static_cast<int>(text.size()));
  return {decoded.begin(), decoded.begin() + std::max(size, 0)};
}

constexpr const char* kBasic = "\r\nAuthorization: Basic ";

// "client:secret", as they were sent.
std::string Credentials(const PostRequest& request) {
  const std::size_t at = request.head.find(kBasic);
  if (at == std::string::npos) return "nobody";
  const std::size_t begin = at + std::string_view(kBasic).size();
  std::string credentials =
      FromBase64(request.head.substr(begin, request.head.find('\r', begin) - begin));
  return credentials.c_str();  // without what the encoding was filled up with
}

}  // namespace

TokenEndpoint::TokenEndpoint(std::string client, std::string secret, std::chrono::seconds lifetime,
                             const std::optional<CertificateFiles>& certificate)
    : client_(std::move(client)),
      lifetime_(lifetime),
      secret_(std::move(secret)),
      scheme_(certificate ? "https" : "http"),
      server_([this](const auto& request) { return Answer(request); }, certificate) {}

std::string TokenEndpoint::url() const {
  return std::string(scheme_) + "://127.0.0.1:" + std::to_string(server_.port()) + "/token";
}

void TokenEndpoint::SetSecret(std::string secret) {
  const std::lock_guard lock(mutex_);
  secret_ = std::move(secret);
}

PostAnswer TokenEndpoint::Answer(const std::optional<PostRequest>& request) {
  if (!request || !Knows(*request)) {
    ++refused_;
    const std::string who = request ? Credentials(*request) : "";
    const nlohmann::json answer = {{"error", "invalid_client"},
                                   {"error_description", who + " is unknown"}};
    return {401, answer.dump()};
  }
  ++granted_;
  const nlohmann::json answer = {
      {"access_token", Token()}, {"token_type", "Bearer"}, {"expires_in", lifetime_.count()}};
  return {200, answer.dump()};
}

bool TokenEndpoint::Knows(const PostRequest& request) {
  const std::lock_guard lock(mutex_);
  return Credentials(request) == client_ + ":" + secret_ &&
         request.body.find("grant_type=client_credentials") != std::string::npos;
}

std::string TokenEndpoint::Token() const {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  nlohmann::json claims = {
      {"sub", client_}, {"iat", now.count()}, {"exp", (now + lifetime_).count()}};
  // librdkafka (2.14.2) reads beyond the end of claims whose length is a multiple of three.
  if (claims.dump().size() % 3 == 0) claims["jti"] = "1";
  return Base64Url({{"alg", "none"}}) + "." + Base64Url(claims) + ".";
}

}  // namespace streamgauge::test
