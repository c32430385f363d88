// What the command line asks for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "explain/explain.h"

namespace streamgauge {

// The process' exit codes: a contract.
inline constexpr int kExitFine = 0;
inline constexpr int kExitFailed = 1;  // at run time
inline constexpr int kExitUsage = 2;   // wrong usage or configuration

enum class Action : std::uint8_t { kRun, kCheckConfig, kOnce, kCheck, kExplain, kPrint };

struct CommandLine {
  Action action = Action::kRun;
  std::filesystem::path config_file;
  ExplainRequest explain;  // kExplain
  // kPrint: the text that was asked for (--help, --version), or what is wrong with the usage.
  std::string text;
  bool wrong_usage = false;
};

CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace streamgauge
