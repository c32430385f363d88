// A child process that cannot outlive the test: it is stopped by the destructor, and killed by the
// kernel when the thread that started it ends (PR_SET_PDEATHSIG), however the test dies. Start
// processes from a thread that lives as long as they shall.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace streamgauge::test {

struct ProcessOptions {
  std::vector<std::string> argv;           // argv[0] is a path, or a name that is looked up in PATH
  std::map<std::string, std::string> env;  // added to the present environment
  std::filesystem::path cwd;               // empty: the present one
  std::filesystem::path err;               // where stderr goes; empty: where Stderr() finds it
};

// Not thread-safe. Exit codes: the process' own, or 128 + the signal that ended it.
class Process {
 public:
  // Throws std::runtime_error when it cannot be started (no such program).
  explicit Process(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool Running();
  void Signal(int number);  // nothing when it has ended
  // SIGSTOP. Returns when none of its threads runs any more: on a busy machine that takes a while,
  // in which it may still answer.
  void Pause();
  // The exit code, or empty when it still runs after `deadline`.
  std::optional<int> Wait(std::chrono::milliseconds deadline);
  // SIGTERM, and SIGKILL when it has not ended after `grace`. Returns the exit code.
  int Stop(std::chrono::milliseconds grace = std::chrono::seconds(10));

  std::string Stdout() const;
  std::string Stderr() const;
  // The end of both, for the message of a failure.
  std::string OutputTail(std::size_t bytes = 2000) const;

 private:
  TempDir output_{"output"};
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// What a finished program did.
struct Finished {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// Runs a program to its end; throws std::runtime_error when it takes longer than `deadline`.
Finished RunToEnd(const ProcessOptions& options,
                  std::chrono::milliseconds deadline = std::chrono::seconds(60));

// The program's path if it is in PATH and executable.
std::optional<std::filesystem::path> FindProgram(const std::string& name);

}  // namespace streamgauge::test
