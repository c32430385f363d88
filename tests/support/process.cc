#include "support/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

constexpr const char* kStdout = "stdout";
constexpr const char* kStderr = "stderr";

// All that the child needs, made before fork: between fork and exec only async-signal-safe calls
// are allowed, as other threads of the test may hold any lock.
struct Launch {
  std::string program;
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string cwd;
  std::string out;
  std::string err;

  std::vector<char*> argv_pointers;
  std::vector<char*> env_pointers;
};

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& s : strings) pointers.push_back(s.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(name + "=" + value);
  return result;
}

Launch Prepare(const ProcessOptions& options, const std::filesystem::path& output) {
  if (options.argv.empty()) throw std::runtime_error("a process needs a program");
  const auto program = FindProgram(options.argv[0]);
  if (!program) throw std::runtime_error("no such program: " + options.argv[0]);
  Launch launch;
  launch.program = std::filesystem::absolute(*program);
  launch.argv = options.argv;
  launch.env = Environment(options.env);
  launch.cwd = options.cwd;
  launch.out = output / kStdout;
  launch.err = options.err.empty() ? output / kStderr : options.err;
  launch.argv_pointers = Pointers(launch.argv);
  launch.env_pointers = Pointers(launch.env);
  return launch;
}

bool Redirect(const char* file, int flags, int to) {
  const int fd = open(file, flags, 0600);
  return fd >= 0 && dup2(fd, to) >= 0;
}

// Runs in the child; returns only when something failed, with errno set.
void Exec(const Launch& launch, pid_t parent) {
  // A process group of its own: Ctrl-C in the terminal reaches the test, which then stops us.
  if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  if (getppid() != parent) _exit(127);  // it died before prctl
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  if (!Redirect("/dev/null", O_RDONLY, 0) || !Redirect(launch.out.c_str(), kNew, 1) ||
      !Redirect(launch.err.c_str(), kNew, 2)) {
    return;
  }
  if (!launch.cwd.empty() && chdir(launch.cwd.c_str()) != 0) return;
  // Sockets of the test must not stay open in its servers.
  close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  execve(launch.program.c_str(), launch.argv_pointers.data(), launch.env_pointers.data());
}

// Returns the child's pid once exec has succeeded; throws what went wrong in the child otherwise.
pid_t Spawn(const Launch& launch) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) throw std::runtime_error("pipe: no file descriptors left");
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    Exec(launch, parent);
    const int error = errno;
    if (write(report[1], &error, sizeof(error)) < 0) _exit(126);
    _exit(127);
  }
  close(report[1]);
  int error = child < 0 ? errno : 0;
  if (child > 0) {
    while (read(report[0], &error, sizeof(error)) < 0 && errno == EINTR) {
    }
  }
  close(report[0]);
  if (error == 0) return child;
  if (child > 0) waitpid(child, nullptr, 0);
  throw std::runtime_error("cannot start " + launch.program + ": " + std::strerror(error));
}

std::string Tail(const std::string& text, std::size_t bytes) {
  return text.size() <= bytes ? text : "..." + text.substr(text.size() - bytes);
}

}  // namespace

Process::Process(const ProcessOptions& options) : pid_(Spawn(Prepare(options, output_.path()))) {}

Process::~Process() { Stop(std::chrono::seconds(5)); }

bool Process::Running() {
  if (exit_code_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Process::Signal(int number) {
  if (Running()) kill(pid_, number);
}

void Process::Pause() {
  if (!Running()) return;
  kill(pid_, SIGSTOP);
  // The kernel tells the parent when the last of its threads has stopped.
  siginfo_t stopped;
  waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED | WEXITED | WNOWAIT);
}

std::optional<int> Process::Wait(std::chrono::milliseconds deadline) {
  if (!WaitFor([this] { return !Running(); }, deadline)) return std::nullopt;
  return exit_code_;
}

int Process::Stop(std::chrono::milliseconds grace) {
  Signal(SIGTERM);
  Signal(SIGCONT);  // a stopped process would not see the SIGTERM
  if (const auto code = Wait(grace)) return *code;
  Signal(SIGKILL);
  while (Running()) (void)Wait(std::chrono::seconds(1));
  return *exit_code_;
}

std::string Process::Stdout() const { return ReadFile(output_.path() / kStdout); }
std::string Process::Stderr() const { return ReadFile(output_.path() / kStderr); }

std::string Process::OutputTail(std::size_t bytes) const {
  return Tail(Stdout(), bytes) + "\n" + Tail(Stderr(), bytes);
}

Finished RunToEnd(const ProcessOptions& options, std::chrono::milliseconds deadline) {
  Process process(options);
  const auto code = process.Wait(deadline);
  if (!code) {
    throw std::runtime_error(options.argv[0] + " does not end:\n" + process.OutputTail());
  }
  return {*code, process.Stdout(), process.Stderr()};
}

std::optional<std::filesystem::path> FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return access(name.c_str(), X_OK) == 0 ? std::optional<std::filesystem::path>(name)
                                           : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / name;
    if (access(candidate.c_str(), X_OK) == 0 && !std::filesystem::is_directory(candidate)) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace streamgauge::test
