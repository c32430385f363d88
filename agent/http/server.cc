#include "http/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <type_traits>
#include <utility>

// Pages are compressed here, once for all clients. httplib would do it again, for each of them. No
// other file includes it, so that it cannot be compiled in two ways.
#undef CPPHTTPLIB_ZLIB_SUPPORT
// The default of 5 makes the clients beyond it wait a second for their next try.
#define CPPHTTPLIB_LISTEN_BACKLOG 128
#include <httplib.h>

#include "http/answer_places.h"
#include "http/api.h"
#include "http/basic_auth.h"
#include "http/bind_problem.h"
#include "http/connections.h"
#include "http/negotiation.h"
#include "http/page.h"
#include "http/web_access.h"
#include "log/log.h"
#include "model/time.h"

namespace streamgauge {
namespace {

using httplib::Request;
using httplib::Response;

// A few Prometheus servers, probes and people. A connection takes a thread.
constexpr std::size_t kThreads = 16;
// How long a large answer waits for a place: as long as a burst of scrapes may take, and not so
// long that those who wait would keep the last threads from probes.
constexpr std::chrono::milliseconds kPatience(100);
// Connections that wait for a thread; more are refused, so that they cannot take the descriptors
// that polling needs.
constexpr std::size_t kMostWaiting = 64;
// One request for each connection: those that are kept open would keep the threads from others, and
// a scrape every 15 s would find them closed anyway.
constexpr std::size_t kRequestsPerConnection = 1;
// The whole of a request and of an answer is limited by Connections.
constexpr std::chrono::seconds kFirstByteTimeout(5);
constexpr std::chrono::seconds kReadTimeout(5);   // for each piece of a request
constexpr std::chrono::seconds kWriteTimeout(5);  // for each piece of an answer
// Requests have no body; httplib bounds the headers.
constexpr std::size_t kMostBody = std::size_t{64} << 10;

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kHtml = "text/html; charset=utf-8";

// (threads, most that wait), or in later versions (threads, most threads, most that wait).
template <typename Pool>
std::unique_ptr<httplib::TaskQueue> NewPool() {
  if constexpr (std::is_constructible_v<Pool, std::size_t, std::size_t, std::size_t>) {
    return std::make_unique<Pool>(kThreads, kThreads, kMostWaiting);
  } else {
    return std::make_unique<Pool>(kThreads, kMostWaiting);
  }
}

// Serves connections under the eyes of `connections`; both arguments must outlive it.
class WatchedPool final : public httplib::TaskQueue {
 public:
  WatchedPool(Connections& connections, AnswerPlaces& places, std::uint16_t port)
      : connections_(connections),
        places_(places),
        port_(port),
        pool_(NewPool<httplib::ThreadPool>()) {}

  // httplib calls this right after it has accepted the connection that `serve` is about.
  bool enqueue(std::function<void()> serve) override {
    Connections::ConnectionRef connection = connections_.Accepted(port_);
    if (!connection) return false;
    return pool_->enqueue([this, connection, serve = std::move(serve)] {
      connections_.Serve(connection);
      serve();
      places_.Return();
    });
  }
  void shutdown() override { pool_->shutdown(); }

 private:
  Connections& connections_;
  AnswerPlaces& places_;
  const std::uint16_t port_;
  const std::unique_ptr<httplib::TaskQueue> pool_;
};

void Answer(Response& response, int status, const std::string& body, const char* type = kText) {
  response.status = status;
  response.set_content(body, type);
}

// A response made piece by piece.
template <typename Write>  // bool(sink): writes everything into the sink
void AnswerInPieces(const Request& request, Response& response, std::string_view type,
                    Write write) {
  response.status = 200;
  const auto provide = [write = std::move(write)](std::size_t, httplib::DataSink& out) {
    const bool whole =
        write([&out](std::string_view piece) { return out.write(piece.data(), piece.size()); });
    if (whole) out.done();
    return whole;
  };
  if (request.version == "HTTP/1.0") {  // knows no chunks: the end of the connection is the end
    response.set_content_provider(std::string(type), provide);
  } else {
    response.set_chunked_content_provider(std::string(type), provide);
  }
}

void AnswerCompressed(Response& response, std::string_view type, GzipPage page) {
  response.status = 200;
  response.set_header("Content-Encoding", "gzip");
  const std::size_t size = page.targets->size() + page.agent.size();
  response.set_content_provider(
      size, std::string(type),
      [page = std::move(page)](std::size_t offset, std::size_t, httplib::DataSink& out) {
        const std::string_view targets = *page.targets;
        if (offset < targets.size()) {
          return out.write(targets.data() + offset, targets.size() - offset);
        }
        const std::string_view agent = std::string_view(page.agent).substr(offset - targets.size());
        return out.write(agent.data(), agent.size());
      });
}

// Those who have no password.
bool IsProbe(const std::string& path) { return path == "/-/healthy" || path == "/-/ready"; }

// When OpenSSL has no memory for it, one that cannot be bound.
std::unique_ptr<httplib::Server> NewServer(WebAccess& access) {
  if (!access.Current()->tls) return std::make_unique<httplib::Server>();
  const std::function<bool(SSL_CTX&)> set_up = [&access](SSL_CTX& context) {
    FollowTlsContext(&context, access);
    return true;
  };
  return std::make_unique<httplib::SSLServer>(set_up);
}

std::string NamesOfUnpolled(const BoardView& view) {
  std::string names;
  for (const TargetViewRef& target : view.targets) {
    if (target->polled) continue;
    names += (names.empty() ? "" : ", ") + Readable(target->name);
  }
  return names;
}

}  // namespace

struct HttpServer::Impl {
  using Handler = void (Impl::*)(const Request&, Response&);
  struct Route {
    const char* method;
    const char* path;
    Handler handler;
    bool large = false;  // the answer is: needs one of the places
  };
  static constexpr std::array<Route, 7> kRoutes();

  HttpConfig config;
  Dependencies dependencies;
  Connections connections;
  AnswerPlaces places;
  WebAccess access;
  BasicAuth basic_auth;
  const std::unique_ptr<httplib::Server> server;
  std::uint16_t port = 0;
  std::future<void> served;

  Impl(HttpConfig http_config, Dependencies deps)
      : config(std::move(http_config)),
        dependencies(std::move(deps)),
        connections(dependencies.limits),
        places(dependencies.limits.large_answers),
        access(config.web_config_file, std::move(dependencies.web)),
        server(NewServer(access)) {
    SetLimits();
    for (const Route& route : kRoutes()) {
      const auto handle = [this, route](const Request& request, Response& response) {
        connections.BeginAnswer();
        if (route.large && !places.Take(kPatience)) {
          response.set_header("Retry-After", "1");
          Answer(response, 503, "too many clients take their answers slowly; try again\n");
          return;
        }
        (this->*route.handler)(request, response);
      };
      if (std::string_view(route.method) == "POST") {
        server->Post(route.path, handle);
      } else {
        server->Get(route.path, handle);
      }
    }
    server->set_pre_routing_handler([this](const Request& request, Response& response) {
      IgnoreRange(request);
      if (LetsIn(request)) return httplib::Server::HandlerResponse::Unhandled;
      response.set_header("WWW-Authenticate", "Basic realm=\"streamgauge\"");
      Answer(response, 401, "a user and a password are asked for here\n");
      return httplib::Server::HandlerResponse::Handled;
    });
    server->set_post_routing_handler([this](const Request&, Response& response) {
      for (const auto& [name, value] : access.Current()->config.headers) {
        response.headers.erase(name);
        response.set_header(name, value);
      }
    });
    server->set_error_handler([this](const Request& request, Response& response) {
      connections.BeginErrorAnswer();
      if (response.body.empty()) ExplainError(request, response);
    });
    server->set_exception_handler(
        [](const Request& request, Response& response, std::exception_ptr problem) {
          LogException(request.path, std::move(problem));
          Answer(response, 500, "internal error; the agent's log has it\n");
        });
  }

  void SetLimits() {
    server->new_task_queue = [this] { return new WatchedPool(connections, places, port); };
    server->set_keep_alive_max_count(kRequestsPerConnection);
    server->set_keep_alive_timeout(kFirstByteTimeout.count());
    server->set_read_timeout(kReadTimeout);
    server->set_write_timeout(kWriteTimeout);
    server->set_payload_max_length(kMostBody);
    server->set_tcp_nodelay(true);
    // httplib's default, SO_REUSEPORT, would let a second agent take half of the requests.
    server->set_socket_options([](auto socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    // Not for the page alone: a browser may be shown any of the answers.
    server->set_default_headers({{"Content-Security-Policy", std::string(PageSecurityPolicy())},
                                 {"X-Frame-Options", "DENY"},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Cross-Origin-Resource-Policy", "same-origin"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Accept-Ranges", "none"},
                                 {"Cache-Control", "no-store"}});
  }

  void Metrics(const Request& request, Response& response) {
    const ExpositionFormat format = NegotiateFormat(request.get_header_value("Accept"));
    response.set_header("Vary", "Accept, Accept-Encoding");
    if (PrefersGzip(request.get_header_value("Accept-Encoding"))) {
      AnswerCompressed(response, ContentType(format), dependencies.exposition->Gzip(format));
      return;
    }
    AnswerInPieces(request, response, ContentType(format),
                   [exposition = dependencies.exposition, format](const Exposition::Sink& sink) {
                     return exposition->Write(format, sink);
                   });
  }

  bool LetsIn(const Request& request) {
    const WebSettingsRef settings = access.Current();
    if (settings->config.users.empty() || IsProbe(request.path)) return true;
    return basic_auth.LetsIn(settings->config.users, request.get_header_value("Authorization"));
  }

  void Healthy(const Request&, Response& response) { Answer(response, 200, "alive\n"); }

  void Ready(const Request&, Response& response) {
    const BoardView view = dependencies.board->View();
    if (const std::string names = NamesOfUnpolled(view); !names.empty()) {
      const bool closed = !access.Current()->config.users.empty();
      Answer(response, 503, "not polled yet: " + (closed ? "a target" : names) + "\n");
    } else if (view.version == 0) {
      Answer(response, 503, "no target is set up yet\n");
    } else {
      Answer(response, 200, "every target was polled\n");
    }
  }

  void Reload(const Request&, Response& response) {
    if (!config.enable_reload || !dependencies.reload) {
      Answer(response, 403,
             "reloading over HTTP is disabled; set http.enable_reload: true, or send SIGHUP\n");
      return;
    }
    const std::string problem = dependencies.reload();
    if (problem.empty()) {
      Answer(response, 200, "reloaded\n");
    } else {
      Answer(response, 500, "not reloaded, the old configuration is kept: " + problem + "\n");
    }
  }

  void Groups(const Request& request, Response& response) {
    auto query = ParseGroupQuery({request.params.begin(), request.params.end()});
    if (!query) {
      Answer(response, 400, ErrorJson(query.error()), kJson);
      return;
    }
    AnswerInPieces(request, response, kJson,
                   [view = dependencies.board->View(), query = std::move(*query)](
                       const TextSink& sink) { return WriteGroups(view, query, sink); });
  }

  void Targets(const Request& request, Response& response) {
    if (!request.params.empty()) {
      Answer(response, 400, ErrorJson("no parameters are known here"), kJson);
      return;
    }
    Answer(response, 200, TargetsJson(dependencies.board->View()), kJson);
  }

  void Page(const Request&, Response& response) {
    Answer(response, 200, RenderPage(dependencies.board->View(), dependencies.version, WallNow()),
           kHtml);
  }

  // Answers are made anew for every request: a part of one fits no other. httplib's request is its
  // own variable, which it shows as const; there is no other way to keep it from judging the range.
  static void IgnoreRange(const Request& request) { const_cast<Request&>(request).ranges.clear(); }

  // httplib calls a method that it does not route a bad request, and may not have split its target.
  static bool IsWrongMethod(const Request& request, const Response& response) {
    if (response.status == 404) return true;
    return response.status == 400 && request.version.starts_with("HTTP/1.") &&
           request.method != "GET" && request.method != "HEAD" && request.method != "POST";
  }

  static void ExplainError(const Request& request, Response& response) {
    const std::string path =
        request.path.empty() ? request.target.substr(0, request.target.find('?')) : request.path;
    for (const Route& route : kRoutes()) {
      if (!IsWrongMethod(request, response) || path != route.path) continue;
      const std::string allowed =
          std::string_view(route.method) == "GET" ? "GET, HEAD" : route.method;
      response.set_header("Allow", allowed);
      Answer(response, 405, "not allowed here; allowed: " + allowed + "\n");
      return;
    }
    if (response.status == 404) {
      Answer(response, 404, "nothing is here; the page / has links\n");
    } else {
      Answer(response, response.status,
             fmt::format("{} {}\n", response.status, httplib::status_message(response.status)));
    }
  }

  static void LogException(const std::string& path, std::exception_ptr problem) {
    try {
      std::rethrow_exception(std::move(problem));
    } catch (const std::exception& e) {
      log::Err("http: {}: {}", path, e.what());
    } catch (...) {
      log::Err("http: {}: an unknown exception", path);
    }
  }

  bool Bind() {
    if (config.port != 0) {
      port = config.port;
      return server->bind_to_port(config.host, config.port);
    }
    const int chosen = server->bind_to_any_port(config.host);
    port = static_cast<std::uint16_t>(std::max(chosen, 0));
    return chosen > 0;
  }

  void Serve() {
    served = std::async(std::launch::async, [this] { server->listen_after_bind(); });
    // Before that, httplib does not heed stop().
    server->wait_until_ready();
  }

  void Stop() {
    if (!served.valid()) return;
    server->stop();
    // Again and again: a connection may have been accepted just now.
    do {
      connections.ShutDownAll();
    } while (served.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready);
    served = {};
  }
};

constexpr std::array<HttpServer::Impl::Route, 7> HttpServer::Impl::kRoutes() {
  return {{{"GET", "/metrics", &Impl::Metrics, true},
           {"GET", "/-/healthy", &Impl::Healthy},
           {"GET", "/-/ready", &Impl::Ready},
           {"POST", "/-/reload", &Impl::Reload},
           {"GET", "/api/v1/groups", &Impl::Groups, true},
           {"GET", "/api/v1/targets", &Impl::Targets, true},
           {"GET", "/", &Impl::Page, true}}};
}

HttpServer::HttpServer(HttpConfig config, Dependencies dependencies)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(dependencies))) {}

HttpServer::~HttpServer() { Stop(); }

Result<void> HttpServer::Start() {
  if (!impl_->Bind()) {
    const HttpConfig& config = impl_->config;
    std::string problem = BindProblem(config.host, config.port);
    if (problem.empty()) problem = "httplib gives no reason; try again";
    return std::unexpected(
        Error{Reason::kUnavailable,
              fmt::format("http: cannot listen on {}:{}: {}", config.host, config.port, problem)});
  }
  impl_->Serve();
  return {};
}

void HttpServer::Stop() { impl_->Stop(); }

std::uint16_t HttpServer::port() const { return impl_->port; }

std::string HttpServer::LibraryVersion() { return CPPHTTPLIB_VERSION; }

}  // namespace streamgauge
