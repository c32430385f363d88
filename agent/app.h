// The running agent: wires configuration, pollers, board, exposition and HTTP server together, and
// reloads the configuration. main.cc makes one, starts it and calls Tick() until a signal comes.
//
// Start, Tick and the destructor belong to one thread; Reload may be called from any.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "checked_config.h"
#include "config/config_watch.h"
#include "http/server.h"
#include "metrics/agent_metrics.h"
#include "metrics/exposition.h"
#include "model/board.h"
#include "poller.h"
#include "sources.h"

namespace streamgauge {

class App {
 public:
  struct Options {
    std::filesystem::path config_file;
    Environment environment;
    SourceFactory make_source;
  };

  // `loaded` is what is in options.config_file now.
  App(Options options, CheckedConfig loaded);
  // Stops to serve and to poll. Waits for the pollers, which end when their source returns.
  ~App();

  // Serves and polls. kUnavailable when the HTTP address cannot be bound; then nothing runs.
  Result<void> Start();

  // Reads the configuration file again. Targets that did not change keep their poller and history;
  // changed ones start anew. The problem in words, after which the old configuration runs on, or
  // "".
  std::string Reload();

  // To be called every second or so: reloads when the file has changed, and lets go of pollers that
  // have ended.
  void Tick();

  // The HTTP port; known after Start.
  std::uint16_t port() const { return server_->port(); }
  BoardView View() const { return board_.View(); }

 private:
  // All of these REQUIRE mutex_.
  std::expected<Config, ConfigProblems> Reread();
  void Apply(Config config);
  void WarnOfRestart(const Config& config) const;
  std::unique_ptr<Poller> TakePoller(const TargetConfig& target);
  std::unique_ptr<Poller> NewPoller(const TargetConfig& target);
  void RetireAll(std::vector<std::unique_ptr<Poller>>& pollers);

  const Options options_;
  Board board_;
  AgentMetrics agent_metrics_;
  Exposition exposition_;

  std::mutex mutex_;  // guards the configuration and the pollers: Reload comes from HTTP too
  bool stopping_ = false;
  Config config_;
  WebSettings web_;  // until Start
  ConfigWatch watch_;
  std::vector<std::unique_ptr<Poller>> pollers_;  // in the configuration's order
  std::vector<std::unique_ptr<Poller>> retired_;  // those that have not ended yet
  std::unique_ptr<HttpServer> server_;
};

}  // namespace streamgauge
