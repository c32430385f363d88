#include "kafka/lag_times.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "kafka/offset_reader.h"

namespace streamgauge::kafka {
namespace {

// A look-up costs a broker some 20-50 us. After a start with much old lag the first polls use all
// of it; later ones hardly anything.
constexpr std::size_t kMaxQuestionsPerPoll = 5000;
constexpr int kMaxRoundsPerPoll = 16;
constexpr std::chrono::seconds kMaxTimePerPoll{2};

std::int64_t ToUnixMillis(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// Goes on with the search of the poll before where it can.
void Aim(TrackedGroupPartition& mine, Offset wanted, Offset end, std::int64_t now_ms,
         bool may_have_gaps) {
  if (!mine.search) {
    mine.search = std::make_unique<TimestampSearch>(wanted, end, now_ms, may_have_gaps);
  } else if (mine.search->wanted() != wanted) {
    mine.search->Retarget(wanted, end, now_ms);
  }
}

}  // namespace

void LagTimes::Fill(AdminRequests& requests, TrackedGroups& groups, SteadyTime now,
                    WallTime wall_now) {
  Collect(groups, now, wall_now);
  Search(requests);
  TakeFound(requests, wall_now);
  wanted_.clear();
}

void LagTimes::Collect(TrackedGroups& groups, SteadyTime now, WallTime wall_now) {
  for (auto& [name, group] : groups) {
    for (TrackedGroupTopic& on : group.topics) {
      const std::size_t count = std::min(on.partitions.size(), on.topic->partitions.size());
      for (std::size_t i = 0; i < count; ++i) {
        Consider(on.partitions[i], *on.topic, i, now, wall_now);
      }
    }
  }
}

void LagTimes::Consider(TrackedGroupPartition& mine, const TrackedTopic& topic,
                        std::size_t partition, SteadyTime now, WallTime wall_now) {
  const TrackedPartition& theirs = topic.partitions[partition];
  const std::optional<Offset> trusted = mine.commit.trusted();
  if (!mine.lag || mine.lag_at != now || !theirs.fresh || !trusted) return;
  if (*mine.lag == 0) {
    mine.lag_seconds = 0;
    mine.search.reset();
    return;
  }
  const Offset wanted = std::max(*trusted, *theirs.start);
  if (const auto appended = theirs.ends.AppendedAt(wanted)) {
    mine.lag_seconds = std::max(0.0, ToSeconds(now - *appended));
    mine.search.reset();
    return;
  }
  if (!theirs.leader) return;
  const bool may_have_gaps = !topic.settings || topic.settings->compacts;
  Aim(mine, wanted, *theirs.end, ToUnixMillis(wall_now), may_have_gaps);
  wanted_.push_back({&mine, &topic, static_cast<std::int32_t>(partition), *theirs.leader});
}

void LagTimes::Search(AdminRequests& requests) {
  const SteadyTime until = std::chrono::steady_clock::now() + kMaxTimePerPoll;
  std::size_t left = kMaxQuestionsPerPoll;
  for (int round = 0; round < kMaxRoundsPerPoll && left > 0; ++round) {
    if (requests.Over() || std::chrono::steady_clock::now() >= until) return;
    const std::size_t asked = AskOnce(requests, left);
    if (asked == 0) return;
    left -= asked;
  }
}

std::size_t LagTimes::AskOnce(AdminRequests& requests, std::size_t most) {
  std::vector<OffsetQuery> queries;
  std::vector<TimestampSearch*> searches;
  const std::size_t first = wanted_.empty() ? 0 : turn_ % wanted_.size();
  for (std::size_t i = 0; i < wanted_.size() && queries.size() < most; ++i) {
    const Wanted& one = wanted_[(first + i) % wanted_.size()];
    const auto question = one.mine->search->Question();
    if (!question) continue;
    if (queries.size() + 1 == most) turn_ = (first + i + 1) % wanted_.size();
    queries.push_back({one.topic->name->text().data(), one.partition, one.leader, *question});
    searches.push_back(one.mine->search.get());
  }
  std::size_t answered = 0;
  ReadOffsets(requests, OffsetKind::kAtTime, queries,
              [&](std::size_t index, Result<OffsetAnswer> answer) {
                if (!answer) return requests.CountItemError(answer.error());
                searches[index]->Answer(answer->offset, answer->timestamp_ms);
                ++answered;
              });
  // Without an answer the same would be asked again at once.
  return answered;
}

void LagTimes::TakeFound(AdminRequests& requests, WallTime wall_now) {
  const std::int64_t now_ms = ToUnixMillis(wall_now);
  for (const Wanted& one : wanted_) {
    const auto found = one.mine->search->found();
    if (!found) continue;
    // Producers set timestamps: some are of tomorrow, some are no times at all.
    const std::int64_t clamped = std::clamp<std::int64_t>(*found, 0, now_ms);
    if (clamped != *found) ++requests.telemetry().clock_clamps;
    one.mine->lag_seconds = static_cast<double>(now_ms - clamped) / 1000.0;
  }
}

}  // namespace streamgauge::kafka
