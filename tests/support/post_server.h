// A small HTTP/1.1 server on 127.0.0.1 that takes POST requests, one after the other, by TLS where
// it has a certificate.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "support/certificates.h"
#include "support/loopback.h"

struct ssl_ctx_st;  // OpenSSL's

namespace streamgauge::test {

struct PostRequest {
  std::string path;
  std::string head;  // the request's line and headers, as they came
  std::string body;
};

struct PostAnswer {
  int status = 200;
  std::string body;  // JSON, or nothing
};

class PostServer {
 public:
  // Empty: a request that is no POST of a known length, or was cut off. Called by the server's own
  // thread.
  using Handler = std::function<PostAnswer(const std::optional<PostRequest>&)>;

  // Throws std::system_error when there is no port, std::runtime_error when the certificate is
  // none.
  explicit PostServer(Handler handler, const std::optional<CertificateFiles>& certificate = {});
  ~PostServer();
  PostServer(const PostServer&) = delete;
  PostServer& operator=(const PostServer&) = delete;

  std::uint16_t port() const { return listener_.port; }

 private:
  void Serve(const std::stop_token& stop);
  void Answer(int connection);

  Handler handler_;
  std::shared_ptr<ssl_ctx_st> tls_;  // null: none
  Listener listener_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace streamgauge::test
