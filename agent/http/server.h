// The agent's door: /metrics, /-/healthy, /-/ready, /-/reload, /api/v1/*, and a page for people.
// Serves only what the board holds; never waits for a poll. Owns its threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "http/connections.h"
#include "http/web_access.h"
#include "metrics/exposition.h"
#include "model/board.h"
#include "model/error.h"

namespace streamgauge {

class HttpServer {
 public:
  struct Dependencies {
    const Board* board = nullptr;
    Exposition* exposition = nullptr;
    // Reloads the configuration; returns the problem in words, or empty. Null: reload is disabled.
    std::function<std::string()> reload;
    std::string version;  // of the agent, shown on the page
    ConnectionLimits limits = {};
    // What HttpConfig::web_config_file says, already read.
    WebSettings web = {};
  };

  HttpServer(HttpConfig config, Dependencies dependencies);
  ~HttpServer();

  // Binds and starts to serve. With passwords, /-/healthy and /-/ready still ask for none, since
  // probes have none: they tell no figures and no names then. kUnavailable with address and cause
  // when it cannot bind.
  Result<void> Start();
  // Finishes within about a second; idempotent.
  void Stop();
  // The port that is served; known after Start.
  std::uint16_t port() const;

  // Of cpp-httplib, which no other file may include.
  static std::string LibraryVersion();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace streamgauge
