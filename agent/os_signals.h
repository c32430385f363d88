// The operating system's signals, taken by one thread in turn with its other work; no handler runs
// in the middle of anything.
#pragma once

#include <chrono>
#include <cstdint>

namespace streamgauge {

enum class OsSignal : std::uint8_t { kNone, kStop, kReload };

// Keeps SIGTERM, SIGINT and SIGHUP for WaitForSignal, and ignores SIGPIPE. Call it before the first
// thread starts: threads inherit it.
void BlockSignals();

// kStop for SIGTERM and SIGINT, kReload for SIGHUP, kNone when `timeout` has passed.
OsSignal WaitForSignal(std::chrono::milliseconds timeout);

}  // namespace streamgauge
