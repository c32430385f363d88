#include "os_signals.h"

#include <csignal>
#include <ctime>

namespace streamgauge {
namespace {

sigset_t Ours() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void BlockSignals() {
  const sigset_t set = Ours();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

OsSignal WaitForSignal(std::chrono::milliseconds timeout) {
  const sigset_t set = Ours();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec wait{.tv_sec = seconds.count(),
                      .tv_nsec = std::chrono::nanoseconds(timeout - seconds).count()};
  switch (sigtimedwait(&set, nullptr, &wait)) {
    case SIGTERM:
    case SIGINT:
      return OsSignal::kStop;
    case SIGHUP:
      return OsSignal::kReload;
    default:
      return OsSignal::kNone;  // the time has passed, or another signal interrupted
  }
}

}  // namespace streamgauge
