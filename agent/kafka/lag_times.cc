#include "kafka/lag_times.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "kafka/explanation.h"
#include "kafka/offset_reader.h"

namespace streamgauge::kafka {
namespace {

// A look-up costs a broker some 20-50 us. After a start with much old lag the first polls use all
// of it; later ones hardly anything.
constexpr std::size_t kMaxQuestionsPerPoll = 5000;
constexpr int kMaxRoundsPerPoll = 16;
constexpr std::chrono::seconds kMaxTimePerPoll{2};

}  // namespace

void LagTimes::Fill(AdminRequests& requests, const TrackedTopics& topics, TrackedGroups& groups,
                    SteadyTime now, WallTime wall_now, const TracedGroup* traced) {
  wanted_.clear();  // an exception may have ended the last call early
  traced_.clear();
  Collect(groups, {now, wall_now, traced});
  std::vector<Place> places;
  for (const auto& [name, topic] : topics) {
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      TrackedPartition& partition = topic->partitions[i];
      partition.times.Sweep();
      if (partition.times.empty() || !partition.leader) continue;
      places.push_back({topic.get(), static_cast<std::int32_t>(i), &partition});
    }
  }
  Search(requests, std::move(places));
  TakeFound(requests, wall_now);
  TellFound();
}

void LagTimes::Collect(TrackedGroups& groups, const Moment& moment) {
  for (auto& [name, group] : groups) {
    for (TrackedGroupTopic& on : group.topics) {
      Trace* trace = TraceOf(moment.traced, on.topic->name->text(), group.name->text());
      TellSection(trace, "age of the oldest unread record, by partition");
      const std::size_t count = std::min(on.partitions.size(), on.topic->partitions.size());
      for (std::size_t i = 0; i < count; ++i) Consider(on, i, moment, trace);
    }
  }
}

void LagTimes::Consider(TrackedGroupTopic& on, std::size_t number, const Moment& moment,
                        Trace* trace) {
  const TrackedTopic& topic = *on.topic;
  TrackedGroupPartition& mine = on.partitions[number];
  TrackedPartition& theirs = on.topic->partitions[number];
  const std::optional<Offset> trusted = mine.commit.trusted();
  if (!mine.lag || mine.lag_at != moment.now || !theirs.fresh || !trusted) return;
  if (*mine.lag == 0) {
    TellPartition(trace, number, "0: nothing is unread");
    mine.lag_seconds = 0;
    return;
  }
  const Offset wanted = std::max(*trusted, *theirs.start);
  if (const auto appended = theirs.ends.AppendedAt(wanted)) {
    mine.lag_seconds = std::max(0.0, ToSeconds(moment.now - *appended));
    TellPartition(trace, number, "{:.1f} s: offset {} was appended between two polls",
                  *mine.lag_seconds, wanted);
    return;
  }
  const bool may_have_gaps = !topic.settings || topic.settings->compacts;
  wanted_.push_back({&mine, &theirs.times.Want(wanted, *theirs.end, ToUnixMillis(moment.wall_now),
                                               may_have_gaps)});
  if (trace != nullptr) traced_.push_back({wanted_.back(), number, trace});
}

void LagTimes::Search(AdminRequests& requests, std::vector<Place> places) {
  if (places.empty()) return;
  std::rotate(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(turn_ % places.size()),
              places.end());
  const SteadyTime until = std::chrono::steady_clock::now() + kMaxTimePerPoll;
  std::size_t left = kMaxQuestionsPerPoll;
  for (int round = 0; round < kMaxRoundsPerPoll && left > 0; ++round) {
    if (requests.Over() || std::chrono::steady_clock::now() >= until) break;
    const std::size_t asked = AskOnce(requests, places, left);
    if (asked == 0) return;
    left -= asked;
  }
  // Not all were found: the next poll begins with others.
  turn_ += places.size() / 2 + 1;
}

std::size_t LagTimes::AskOnce(AdminRequests& requests, const std::vector<Place>& places,
                              std::size_t most) {
  std::vector<OffsetQuery> queries;
  std::vector<TimestampSearch*> searches;
  for (const Place& place : places) {
    place.partition->times.Share();
    place.partition->times.ForEachQuestion([&](TimestampSearch& search) {
      if (queries.size() == most) return;
      queries.push_back({place.topic->name->text().data(), place.number, *place.partition->leader,
                         *search.Question()});
      searches.push_back(&search);
    });
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
    const auto found = one.search->found();
    // Producers set timestamps: some are of tomorrow, some are no times at all.
    if (!found || !IsPlausibleTime(*found, wall_now)) continue;
    // A record before it has a wrong time, and of when it is itself nobody says anything.
    if (*found > now_ms && !one.search->found_own()) continue;
    const std::int64_t clamped = std::min(*found, now_ms);
    if (clamped != *found) ++requests.telemetry().clock_clamps;
    one.mine->lag_seconds = static_cast<double>(now_ms - clamped) / 1000.0;
  }
}

void LagTimes::TellFound() const {
  for (const Traced& one : traced_) {
    const TimestampSearch& search = *one.wanted.search;
    if (one.wanted.mine->lag_seconds) {
      TellPartition(one.trace, one.number, "{:.1f} s: by the timestamp of the record at offset {}",
                    *one.wanted.mine->lag_seconds, search.wanted());
    } else if (search.found()) {
      TellPartition(one.trace, one.number,
                    "unknown: the highest timestamp up to offset {} is not of the past: {}",
                    search.wanted(), *search.found());
    } else {
      TellPartition(one.trace, one.number, "unknown: offset {} was not found by timestamp{}",
                    search.wanted(), search.Question() ? " yet" : "");
    }
  }
}

}  // namespace streamgauge::kafka
