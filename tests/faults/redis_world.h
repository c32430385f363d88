// Two streams of a real Redis: `orders`, which is trimmed now and then and has a group that keeps
// up, one that reads in bursts and one that nobody reads (and which loses what is trimmed), and
// `quiet`, on which nothing ever happens.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "faults/total_check.h"
#include "faults/world.h"
#include "support/redis_client.h"

namespace streamgauge::test {

// What is true of a stream. Sums are since the world began, whatever became of the stream.
struct RedisStreamTruth {
  struct Group {
    std::uint64_t lag = 0;
    std::uint64_t pending = 0;
    std::uint64_t delivered = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;
    std::optional<std::int64_t> oldest_unread_ms;  // of its id
  };
  bool exists = false;
  std::uint64_t length = 0;
  std::uint64_t appended = 0;
  std::uint64_t removed = 0;
  std::map<std::string, Group> groups;
};

// Follows by calculation what commands make of a stream.
class RedisStreamModel {
 public:
  RedisStreamModel() = default;
  explicit RedisStreamModel(std::vector<std::string> groups);

  void Add(std::int64_t id_ms);
  void Trim(std::size_t most);
  void Read(const std::string& group, std::uint64_t count);
  void Acknowledge(const std::string& group, std::uint64_t count);
  void Vanish();  // deleted; the next Add makes it anew, with its groups at the start
  const RedisStreamTruth& truth() const { return truth_; }

 private:
  void Recount();

  std::deque<std::int64_t> ids_;
  std::uint64_t first_ = 0;                    // number of the first of ids_
  std::map<std::string, std::uint64_t> next_;  // number of the next entry to be read
  RedisStreamTruth truth_;
};

class RedisWorld final : public World {
 public:
  // Makes the streams, whose names begin with `prefix`, and sets them in motion. `port`: of the
  // server, directly.
  explicit RedisWorld(std::uint16_t port, std::string target = kWorldTarget,
                      const std::string& prefix = "");
  ~RedisWorld() override { StandStill(); }

  std::vector<std::string> LiesOf(const MetricsPage& page, WallMoment poll_ended) override;
  std::vector<std::string> MissingOn(const MetricsPage& page) const override;

  // REQUIRES: at rest. The server was started anew.
  void Reconnect();
  // REQUIRES: at rest. Another server has it now.
  void MoveTo(std::uint16_t port);
  // REQUIRES: at rest. Everything is gone from the server, or is about to be.
  void Vanish();
  // REQUIRES: at rest, and nothing is there. Makes everything again.
  void Fill();
  // From now on the server's clock is so much ahead of ours.
  void ClockIsAhead(std::chrono::milliseconds ahead) { ahead_.Note(WallClock::now(), ahead); }
  // From now on some of what happens may not be counted by the agent, but never more than it.
  void TotalsMayFallShort();

 private:
  struct Stream {
    RedisStreamModel model;
    Ledger<RedisStreamTruth> ledger;
    std::map<std::string, TotalCheck> totals;  // by metric and group
  };

  void Step() override;
  // The command's reply; what `apply` makes of the model is true from then on.
  template <typename Apply>
  void Change(const std::string& stream, const RedisCommand& command, Apply apply);
  void Add(const std::string& stream);
  void Trim(const std::string& stream);
  void Read(const std::string& stream, const std::string& group, int count);
  void CreateGroup(const std::string& stream, const std::string& group);
  void Acknowledge(const std::string& stream, const std::string& group);
  void Note(Stream& stream, WallMoment sent);

  void CheckStream(const std::string& name, const MetricsPage& page, WallMoment poll_ended,
                   std::vector<std::string>& lies);
  void CheckTotals(Stream& stream, const Labels& labels, const MetricsPage& page,
                   const std::vector<RedisStreamTruth>& truths, std::vector<std::string>& lies);
  void CheckAge(const Labels& labels, const std::string& group, const MetricsPage& page,
                const std::vector<Ledger<RedisStreamTruth>::Span>& spans, WallMoment poll_ended,
                std::vector<std::string>& lies) const;

  std::uint64_t steps_ = 0;
  const std::string orders_;
  const std::string quiet_;
  std::uint16_t port_;
  RedisClient client_;
  std::map<std::string, std::vector<std::string>> unacknowledged_;  // by group of orders
  std::map<std::string, Stream> streams_;
  Ledger<std::chrono::milliseconds> ahead_;
  std::mutex totals_mutex_;
};

}  // namespace streamgauge::test
