// Host names to addresses, without waiting for the system's resolver longer than we want to: it
// cannot be interrupted, and with a name server that does not answer it takes half a minute. Each
// name is looked up in a thread of its own, which is left behind when nobody waits any longer; who
// asks for the name again waits for the same thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "model/error.h"
#include "model/time.h"

namespace streamgauge {

using IpAddresses = std::vector<std::string>;  // in digits, in the order to try them

// Asks the system (getaddrinfo): its order is IPv6 before IPv4 unless it is set up otherwise.
// kUnavailable with the name and the system's words.
Result<IpAddresses> LookUp(const std::string& host);

// May be used by any number of threads.
class Resolver {
 public:
  using Lookup = std::function<Result<IpAddresses>(const std::string& host)>;

  explicit Resolver(Lookup look_up = LookUp);

  // What is an address already comes back at once. kUnavailable when the look-up fails, when `stop`
  // is requested, or when too many others are under way; kTimeout after `deadline`.
  Result<IpAddresses> Resolve(const std::string& host, SteadyTime deadline,
                              const std::stop_token& stop);

  // Look-ups under way at one time.
  static constexpr std::size_t kMostLookups = 32;
  // An answer that came after its asker had gone is still good for so long.
  static constexpr auto kKeepAnswer = std::chrono::seconds(60);

 private:
  struct Shared;  // with the threads that are left behind
  std::shared_ptr<Shared> shared_;
};

// The process' own; never destroyed.
Resolver& SystemResolver();

}  // namespace streamgauge
