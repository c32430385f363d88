#include "command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "config/duration.h"
#include "libraries.h"
#include "model/name.h"
#include "version.h"

namespace streamgauge {
namespace {

constexpr std::string_view kHelp = R"(Usage: streamgauge --config FILE [--check-config | --once]
       streamgauge check --config FILE
       streamgauge explain --config FILE TARGET STREAM GROUP

Polls Redis Streams and Kafka and serves how far behind every consumer group is,
as Prometheus metrics (default: http://0.0.0.0:9760/metrics).

  check            try every target: rights, versions, what a poll costs; exit
  explain          poll 3 times (--polls N), 2s apart (--every 2s), and print how
                   the figures of one group and its verdict come about; exit
  --config FILE    the configuration (every key: docs/streamgauge.reference.yml)
  --check-config   check the configuration, print every problem, and exit
  --once           poll every target once, print the metrics, and exit
  --version        print version, revision and the versions of all libraries
  --help           print this

Example, polling a local Redis every 10s (the default):
  echo 'targets: [{name: local, type: redis, address: "redis://127.0.0.1"}]' > a.yml
  streamgauge --config a.yml

SIGTERM and SIGINT stop; SIGHUP reloads the configuration, as does a changed file.
Exit codes: 0 fine, 1 failed at run time, 2 wrong usage or configuration.
Logs go to stderr.
)";

// Of explain: a day, at one every two seconds.
constexpr int kMostPolls = 43'200;

CommandLine Print(std::string text, bool wrong_usage) {
  CommandLine result;
  result.action = Action::kPrint;
  result.text = std::move(text);
  result.wrong_usage = wrong_usage;
  return result;
}

std::string VersionText() {
  std::string text =
      fmt::format("streamgauge {} ({})\ncompiled by {}\n", Version(), Revision(), Compiler());
  for (const Library& library : AllLibraries()) {
    text += fmt::format("{} {}\n", library.name, library.version);
  }
  return text;
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
  cli.add_option("--config", config_file)->type_name("FILE");
  cli.add_flag("--check-config", check_config);
  cli.add_flag("--once", once);
  cli.add_flag("--version", version);
  cli.add_flag("--help,-h", help);
  // After the command the same flags go on.
  const CLI::App* check = cli.add_subcommand("check")->fallthrough();
  ExplainRequest request;
  std::string every;
  CLI::App* explain = cli.add_subcommand("explain")->fallthrough();
  // Whether they are there is looked at below: who asks for help need not give them.
  const CLI::Option* target = explain->add_option("TARGET", request.target);
  const CLI::Option* stream = explain->add_option("STREAM", request.stream);
  const CLI::Option* group = explain->add_option("GROUP", request.group);
  explain->add_option("--polls", request.polls)->check(CLI::Range(1, kMostPolls));
  explain->add_option("--every", every);
  const auto wrong = [](std::string_view what) {
    return Print(fmt::format("streamgauge: {}\nTry: streamgauge --help\n", what), true);
  };
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  if (help) return Print(std::string(kHelp), false);
  if (version) return Print(VersionText(), false);
  if (config_file.empty()) return wrong("--config FILE is missing");
  if (check_config && once) return wrong("--check-config and --once exclude each other");
  if ((*check || *explain) && (check_config || once || (*check && *explain))) {
    return wrong("check and explain go with --config alone");
  }
  for (const CLI::Option* name : {target, stream, group}) {
    if (!*explain || *name) continue;
    return wrong(fmt::format("{} is missing (a name that begins with - stands after a --)",
                             name->get_name()));
  }
  if (!every.empty()) {
    const auto duration = ParseDuration(every);
    if (!duration) return wrong(fmt::format("--every: \"{}\" is not a duration (try 2s)", every));
    request.every = *duration;
  }

  CommandLine result;
  result.config_file = config_file;
  if (check_config) result.action = Action::kCheckConfig;
  if (once) result.action = Action::kOnce;
  if (*check) result.action = Action::kCheck;
  if (*explain) result.action = Action::kExplain;
  result.explain = std::move(request);
  // As the API and the metrics show them.
  result.explain.stream = FromReadable(result.explain.stream);
  result.explain.group = FromReadable(result.explain.group);
  return result;
}

}  // namespace streamgauge
