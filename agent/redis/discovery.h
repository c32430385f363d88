// Which streams there are: literal names from the configuration, and a slow SCAN of the key space
// for patterns, in a thread and over a connection of its own, so that polls never wait for it (the
// first one aside) and the server hardly notices. Streams of other shards are passed over before
// anything is counted or limited: what is watched is at most max_streams of this shard's.
//
// One for each node that is asked. Owned by the node's reader; Start and the readers may be called
// from the polling thread only.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "config/config.h"
#include "model/error.h"
#include "redis/connection.h"

namespace streamgauge {

// The names of one pass: the first `limit` in order, so that what is left out is always the same.
class FoundNames {
 public:
  explicit FoundNames(std::size_t limit) : limit_(limit) {}

  void Add(std::string name);
  // Adds what another node has, what it left out included.
  void Add(const FoundNames& other);
  const std::set<std::string, std::less<>>& names() const { return names_; }
  std::uint64_t over_limit() const { return dropped_.size(); }
  bool operator==(const FoundNames&) const = default;

 private:
  std::size_t limit_;
  std::set<std::string, std::less<>> names_;
  std::unordered_set<std::size_t> dropped_;  // hashes: SCAN may return a key twice
};

using FoundNamesRef = std::shared_ptr<const FoundNames>;

class Discovery {
 public:
  Discovery(const RedisTargetConfig& config, const NodeLogin& login, ConnectionFactory open);
  ~Discovery();  // stops within about 100 ms
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  struct State {
    FoundNamesRef found;         // never null; another one when something has changed
    std::optional<Error> error;  // of the last pass, when it failed
    bool passed = false;         // one pass succeeded at least
  };

  // Starts the thread where one is needed; later calls ask for a pass soon.
  void Start();
  // Returns the present state; before the first pass has succeeded, waits for one to end, at most
  // for `patience`. A first pass that takes longer shows what it has found so far.
  State Await(Duration patience, std::stop_token stop);
  Traffic traffic();  // of the thread, so far

 private:
  void Loop(std::stop_token stop);
  bool IsWatched(std::string_view name) const;
  Result<FoundNames> Pass(std::stop_token stop);
  Result<std::string> Scan(Connection& connection, const std::string& cursor, FoundNames& found,
                           std::stop_token stop) const;
  void Publish(Result<FoundNames> found);
  void ShowProgress(const FoundNames& found);
  void TakeNames(const FoundNames& found);  // REQUIRES: mutex_ is held
  void CountTraffic(const Traffic& traffic);

  const RedisTargetConfig config_;
  const NodeLogin login_;
  const ConnectionFactory open_;
  FoundNames literals_;
  std::vector<std::string> patterns_;
  Traffic traffic_;  // the thread's own

  std::mutex mutex_;
  std::condition_variable_any changed_;
  State state_;
  Traffic counted_traffic_;
  std::uint64_t passes_ended_ = 0;
  bool requested_ = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace streamgauge
