#include "support/post_server.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <stdexcept>
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

// A client's connection, with TLS or without.
class Connection {
 public:
  Connection(int fd, SSL_CTX* tls) : fd_(fd), tls_(tls == nullptr ? nullptr : SSL_new(tls)) {
    if (tls_) SSL_set_fd(tls_.get(), fd);
  }
  bool Begin() { return !tls_ || SSL_accept(tls_.get()) == 1; }
  // So many bytes; 0 or less: it has ended.
  ssize_t Read(std::string& chunk) {
    if (!tls_) return recv(fd_, chunk.data(), chunk.size(), 0);
    return SSL_read(tls_.get(), chunk.data(), static_cast<int>(chunk.size()));
  }
  void Write(const std::string& text) {
    if (!tls_) {
      send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    } else {
      SSL_write(tls_.get(), text.data(), static_cast<int>(text.size()));
    }
  }

 private:
  struct Free {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  int fd_;
  std::unique_ptr<SSL, Free> tls_;
};

std::shared_ptr<SSL_CTX> MakeTls(const CertificateFiles& files) {
  std::shared_ptr<SSL_CTX> tls(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!tls || SSL_CTX_use_certificate_chain_file(tls.get(), files.cert.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot serve with " + files.cert.string());
  }
  return tls;
}

std::optional<PostRequest> Receive(Connection& connection) {
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
    const ssize_t received = connection.Read(chunk);
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

PostServer::PostServer(Handler handler, const std::optional<CertificateFiles>& certificate)
    : handler_(std::move(handler)),
      tls_(certificate ? MakeTls(*certificate) : nullptr),
      listener_(Listen()) {
  thread_ = std::jthread([this](const std::stop_token& stop) { Serve(stop); });
}

PostServer::~PostServer() {
  thread_ = {};  // stops and joins
  close(listener_.fd);
}

void PostServer::Serve(const std::stop_token& stop) {
  // OpenSSL writes to clients that are gone.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
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

void PostServer::Answer(int fd) {
  Connection connection(fd, tls_.get());
  if (!connection.Begin()) return;
  connection.Write(ToHttp(handler_(Receive(connection))));
}

}  // namespace streamgauge::test
