// streamgauge: flags, load, wire, wait for a signal, stop.
#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stop_token>
#include <thread>
#include <utility>

#include "app.h"
#include "checked_config.h"
#include "command_line.h"
#include "explain/explain.h"
#include "heap.h"
#include "log/log.h"
#include "model/sleep.h"
#include "once.h"
#include "os_signals.h"
#include "preflight/check.h"
#include "signals/words.h"
#include "sources.h"

namespace streamgauge {
namespace {

// The promise is five seconds. A library that does not let go must not break it.
void LeaveAfter(std::chrono::milliseconds limit, const std::stop_token& stopped_in_time) {
  SleepUntil(std::chrono::steady_clock::now() + limit, stopped_in_time);
  if (stopped_in_time.stop_requested()) return;
  log::Warn("not everything has stopped after {} ms; leaving all the same", limit.count());
  std::_Exit(kExitFine);
}

int RunAgent(const CommandLine& command, CheckedConfig loaded) {
  BlockSignals();
  // Destroyed last: it watches over the app's destructor too.
  std::jthread watchdog;
  App app({.config_file = command.config_file,
           .environment = ProcessEnvironment(),
           .make_source = MakeSource},
          std::move(loaded));
  if (auto started = app.Start(); !started) {
    log::Err("{}", started.error().message);
    return kExitFailed;
  }
  OsSignal signal = OsSignal::kNone;
  while (signal != OsSignal::kStop) {
    signal = WaitForSignal(std::chrono::seconds(1));
    if (signal == OsSignal::kReload) app.Reload();
    if (signal == OsSignal::kNone) app.Tick();
  }
  log::Info("stopping");
  watchdog = std::jthread(
      [](const std::stop_token& stop) { LeaveAfter(std::chrono::milliseconds(4000), stop); });
  return kExitFine;
}

int CheckConfig(const CommandLine& command) {
  const auto config = LoadProvenConfig(command.config_file, ProcessEnvironment());
  if (!config) {
    fmt::print(stderr, "{}", Lines(config.error()));
    return kExitUsage;
  }
  fmt::print("{}: fine, {}\n", command.config_file.string(),
             Quantity(config->targets.size(), "target", "targets"));
  return kExitFine;
}

// What sources would log is in what is printed.
void LogErrorsAlone(LogConfig log) {
  if (log.level != LogLevel::kDebug) log.level = LogLevel::kError;
  log::Init(log);
}

int Check(const Config& config) {
  LogErrorsAlone(config.log);
  const CheckOutcome outcome = RunCheck(config, MakeSource, CheckDeadline(config), std::cout);
  const int code = outcome.all_work ? kExitFine : kExitFailed;
  if (outcome.threads_left) std::_Exit(code);
  return code;
}

int Explain(const Config& config, const ExplainRequest& request) {
  LogErrorsAlone(config.log);
  switch (RunExplain(config, MakeSource, request, std::cout, std::cerr)) {
    case ExplainOutcome::kExplained:
      return kExitFine;
    case ExplainOutcome::kNoTarget:
      return kExitUsage;
    default:
      return kExitFailed;
  }
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a connection that is lost is an error like others
  const CommandLine command = ParseCommandLine(argc, argv);
  if (command.action == Action::kPrint) {
    fmt::print(command.wrong_usage ? stderr : stdout, "{}", command.text);
    return command.wrong_usage ? kExitUsage : kExitFine;
  }
  if (command.action == Action::kCheckConfig) return CheckConfig(command);
  auto loaded = LoadCheckedConfig(command.config_file, ProcessEnvironment());
  if (!loaded) {
    fmt::print(stderr, "{}", Lines(loaded.error()));
    return kExitUsage;
  }
  if (command.action == Action::kCheck) return Check(loaded->config);
  if (command.action == Action::kExplain) return Explain(loaded->config, command.explain);
  log::Init(loaded->config.log);
  if (command.action == Action::kOnce) return RunOnce(loaded->config, MakeSource, std::cout);
  return RunAgent(command, std::move(*loaded));
}

}  // namespace
}  // namespace streamgauge

int main(int argc, char** argv) {
  streamgauge::KeepHeapSmall();
  try {
    return streamgauge::Main(argc, argv);
  } catch (const std::exception& error) {
    streamgauge::log::Err("streamgauge cannot go on: {}", error.what());
    return streamgauge::kExitFailed;
  }
}
