#include "redis/discovery.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "redis/handshake.h"
#include "redis/name_limit.h"
#include "redis/reply_error.h"

namespace streamgauge {
namespace {

using Clock = std::chrono::steady_clock;

// The scan rests nine times as long as the server took for a step: a tenth of one core at most.
constexpr int kRestFactor = 9;
constexpr auto kLongestRest = std::chrono::milliseconds(50);
constexpr Duration kRetryAfter = std::chrono::seconds(2);
constexpr auto kProgressEvery = std::chrono::seconds(1);

}  // namespace

void FoundNames::Add(std::string name) {
  if (name.size() > kLongestName) {
    dropped_.insert(std::hash<std::string>()(name));
    return;
  }
  if (!names_.insert(std::move(name)).second || names_.size() <= limit_) return;
  const auto last = std::prev(names_.end());
  dropped_.insert(std::hash<std::string>()(*last));
  names_.erase(last);
}

void FoundNames::Add(const FoundNames& other) {
  for (const std::string& name : other.names_) Add(name);
  dropped_.insert(other.dropped_.begin(), other.dropped_.end());
}

Discovery::Discovery(const RedisTargetConfig& config, const NodeLogin& login,
                     ConnectionFactory open)
    : config_(config), login_(login), open_(std::move(open)), literals_(config.max_streams) {
  for (const std::string& pattern : config_.streams.include) {
    if (!IsLiteral(pattern)) {
      patterns_.push_back(pattern);
    } else if (IsWatched(pattern)) {
      literals_.Add(pattern);
    }
  }
  state_.found = std::make_shared<const FoundNames>(literals_);
  state_.passed = patterns_.empty();
}

Discovery::~Discovery() = default;  // the jthread requests the stop and joins

void Discovery::Start() {
  if (patterns_.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    requested_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) thread_ = std::jthread([this](std::stop_token stop) { Loop(stop); });
}

Discovery::State Discovery::Await(Duration patience, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (!state_.passed) {
    const std::uint64_t before = passes_ended_;
    requested_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, stop, patience, [&] { return passes_ended_ != before; });
  }
  return state_;
}

Traffic Discovery::traffic() {
  const std::lock_guard lock(mutex_);
  return counted_traffic_;
}

void Discovery::Loop(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock(mutex_);
      requested_ = false;
    }
    auto found = Pass(stop);
    const Duration rest =
        found ? config_.discovery_interval : std::min(kRetryAfter, config_.discovery_interval);
    if (!stop.stop_requested()) Publish(std::move(found));
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, rest, [this] { return requested_; });
  }
}

bool Discovery::IsWatched(std::string_view name) const {
  return config_.shard.Owns(name) && config_.streams.Matches(name);
}

Result<FoundNames> Discovery::Pass(std::stop_token stop) {
  auto session = OpenSession(open_, login_, traffic_, stop);
  CountTraffic(traffic_);
  if (!session) return std::unexpected(std::move(session.error()).In("discovery"));
  FoundNames found = literals_;
  std::string cursor = "0";
  auto progress = Clock::now();
  do {
    const auto start = Clock::now();
    auto next = Scan(*session->connection, cursor, found, stop);
    CountTraffic(traffic_);
    if (!next) return std::unexpected(std::move(next.error()).In("discovery"));
    cursor = std::move(*next);
    if (Clock::now() - progress >= kProgressEvery) {
      ShowProgress(found);
      progress = Clock::now();
    }
    const auto rest = std::min<Clock::duration>((Clock::now() - start) * kRestFactor, kLongestRest);
    std::unique_lock lock(mutex_);
    if (cursor != "0") changed_.wait_for(lock, stop, rest, [] { return false; });
  } while (cursor != "0" && !stop.stop_requested());
  return found;
}

Result<std::string> Discovery::Scan(Connection& connection, const std::string& cursor,
                                    FoundNames& found, std::stop_token stop) const {
  CommandBatch batch;
  // The server can match one pattern; of several, we choose among all streams ourselves.
  const std::string_view match = patterns_.size() == 1 ? std::string_view(patterns_[0]) : "*";
  batch.Add(Request::kScan, {"SCAN", cursor, "MATCH", match, "COUNT", "1000", "TYPE", "stream"});
  Result<std::string> next =
      std::unexpected(Error{Reason::kBadReply, "the reply of SCAN has an unexpected shape"});
  const auto take = [&](std::size_t, const Reply& reply) {
    if (reply.IsError()) {
      next = std::unexpected(ToError(reply.text(), Request::kScan, ""));
      if (next.error().reason == Reason::kUnsupported) {
        next.error().message += "; SCAN by TYPE needs Redis 6.0: name the streams literally";
      }
      return;
    }
    const auto at = reply.At(0);
    const auto keys = reply.At(1);
    if (!at || !keys || at->text().empty()) return;
    for (const Reply key : *keys) {
      if (IsWatched(key.text())) found.Add(std::string(key.text()));
    }
    next = std::string(at->text());
  };
  const auto exchanged = connection.Exchange(batch, take, stop);
  if (!exchanged) return std::unexpected(exchanged.error());
  return next;
}

void Discovery::Publish(Result<FoundNames> found) {
  {
    const std::lock_guard lock(mutex_);
    ++passes_ended_;
    if (found) {
      state_.error.reset();
      state_.passed = true;
      TakeNames(*found);
    } else {
      state_.error = std::move(found.error());  // the names of the pass before stand
    }
  }
  changed_.notify_all();
}

void Discovery::ShowProgress(const FoundNames& found) {
  const std::lock_guard lock(mutex_);
  if (!state_.passed) TakeNames(found);
}

void Discovery::TakeNames(const FoundNames& found) {
  if (found != *state_.found) state_.found = std::make_shared<const FoundNames>(found);
}

void Discovery::CountTraffic(const Traffic& traffic) {
  const std::lock_guard lock(mutex_);
  counted_traffic_ = traffic;
}

}  // namespace streamgauge
