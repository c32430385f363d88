// An OAuth 2 token endpoint on 127.0.0.1 for the grant "client_credentials". Its tokens are JSON
// web tokens without a signature, which Kafka's own default validator takes. Whom it refuses it
// tells what it was sent, secret included.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "support/post_server.h"

namespace streamgauge::test {

// Any thread may call it.
class TokenEndpoint {
 public:
  // Knows one client, which is the tokens' subject. With a certificate it is reached by https.
  TokenEndpoint(std::string client, std::string secret,
                std::chrono::seconds lifetime = std::chrono::hours(1),
                const std::optional<CertificateFiles>& certificate = {});

  std::string url() const;
  void SetSecret(std::string secret);
  int granted() const { return granted_; }
  int refused() const { return refused_; }

 private:
  PostAnswer Answer(const std::optional<PostRequest>& request);
  bool Knows(const PostRequest& request);
  std::string Token() const;

  const std::string client_;
  const std::chrono::seconds lifetime_;
  std::mutex mutex_;
  std::string secret_;
  std::atomic<int> granted_ = 0;
  std::atomic<int> refused_ = 0;
  const char* scheme_;
  PostServer server_;  // last: uses the others
};

}  // namespace streamgauge::test
