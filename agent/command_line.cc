#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "version.h"

namespace streamgauge {
namespace {

constexpr std::string_view kHelp = R"(Usage: streamgauge [check] --config FILE [--check-config | --once]

Polls Redis Streams and Kafka and serves how far behind every consumer group is,
as Prometheus metrics (default: http://0.0.0.0:9760/metrics).

  check            try every target: rights, versions, what a poll costs; exit
  --config FILE    the configuration (every key: docs/streamgauge.reference.yml)
  --check-config   check the configuration, print every problem, and exit
  --once           poll every target once, print the metrics, and exit
  --version        print version and revision
  --help           print this

Example, polling a local Redis every 10s (the default):
  echo 'targets: [{name: local, type: redis, address: "redis://127.0.0.1"}]' > a.yml
  streamgauge --config a.yml

SIGTERM and SIGINT stop; SIGHUP reloads the configuration, as does a changed file.
Exit codes: 0 fine, 1 failed at run time, 2 wrong usage or configuration.
Logs go to stderr.
)";

CommandLine Print(std::string text, bool wrong_usage) {
  CommandLine result;
  result.action = Action::kPrint;
  result.text = std::move(text);
  result.wrong_usage = wrong_usage;
  return result;
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CLI::App cli;
  cli.set_help_flag();  // ours is written by hand
  std::string config_file;
  bool help = false;
  bool version = false;
  bool check_config = false;
  bool once = false;
  cli.add_option("--config", config_file);
  cli.add_flag("--check-config", check_config);
  cli.add_flag("--once", once);
  cli.add_flag("--version", version);
  cli.add_flag("--help,-h", help);
  // After the command the same flags go on.
  const CLI::App* check = cli.add_subcommand("check")->fallthrough();
  const auto wrong = [](std::string_view what) {
    return Print(fmt::format("streamgauge: {}\nTry: streamgauge --help\n", what), true);
  };
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  if (help) return Print(std::string(kHelp), false);
  if (version) return Print(fmt::format("streamgauge {} ({})\n", Version(), Revision()), false);
  if (config_file.empty()) return wrong("--config FILE is missing");
  if (check_config && once) return wrong("--check-config and --once exclude each other");
  if (*check && (check_config || once)) return wrong("check goes with --config alone");

  CommandLine result;
  result.config_file = config_file;
  if (check_config) result.action = Action::kCheckConfig;
  if (once) result.action = Action::kOnce;
  if (*check) result.action = Action::kCheck;
  return result;
}

}  // namespace streamgauge
