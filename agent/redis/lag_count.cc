#include "redis/lag_count.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace streamgauge {
namespace {

constexpr std::uint64_t kEntriesPerPoll = 20'000;
constexpr std::uint64_t kVerifiedEntriesPerPoll = 2'000;
constexpr std::size_t kVerificationsPerPoll = 2;
constexpr std::size_t kJobsAtATime = 125;  // a burst of the pipeline, two pages each
// A page is one command, during which the server does nothing else, and payloads cross the wire.
constexpr std::uint64_t kPageEntries = 500;
constexpr std::uint64_t kPageBytes = std::uint64_t{128} << 10;

constexpr std::string_view kRule = "rule 5: counted from both ends of what is unknown";

bool CanBeCounted(const GroupWork& group) {
  const StreamFacts& stream = group.moment.stream;
  const EntryId delivered = group.moment.group.delivered;
  return stream.first && stream.last && *stream.first <= delivered && delivered < *stream.last;
}

// The snapshot brought two entries: they tell how large one is, about.
std::uint64_t EntryBytes(const StreamWork& stream) { return stream.payload_bytes / 2 + 1; }

std::uint64_t PageSize(const StreamWork& stream, std::uint64_t length) {
  return std::clamp(kPageBytes / EntryBytes(stream), std::uint64_t{1},
                    std::min(kPageEntries, length));
}

}  // namespace

LagCount::LagCount(const GroupWork& group, std::uint64_t limit)
    : length_(group.moment.stream.length), limit_(limit) {
  const EntryId delivered = group.moment.group.delivered;
  unread.next = *Next(delivered);
  unread.end = *group.moment.stream.last;
  read.next = *group.moment.stream.first;
  read.end = delivered;
}

void LagCount::Side::Take(const EntryRange& page, std::size_t asked) {
  counted += page.count;
  through = page.count < asked || page.last >= end;
  if (!through) next = *Next(page.last);
}

bool LagCount::Finished() const {
  return unread.through || read.through || (unread.counted >= limit_ && read.counted >= limit_);
}

std::optional<std::uint64_t> LagCount::Lag() const {
  if (unread.through) return unread.counted;
  if (read.through && read.counted <= length_) return length_ - read.counted;
  return std::nullopt;
}

bool NothingRemoved(const StreamFacts& snapshot, const StreamFacts& after) {
  if (snapshot.first != after.first || snapshot.max_deleted != after.max_deleted) return false;
  if (!after.last_generated || after.last_generated < snapshot.last_generated) return false;
  if (snapshot.added && after.added) {
    return *after.added >= *snapshot.added && after.length >= snapshot.length &&
           *after.added - *snapshot.added == after.length - snapshot.length;
  }
  // Before Redis 7 an XADD could hide an XDEL: only a stream at rest proves anything.
  return snapshot.length == after.length && snapshot.last_generated == after.last_generated;
}

Result<void> LagCounting::Run(Pipeline& pipeline, PollWork& work) {
  entries_left_ = kEntriesPerPoll;
  std::vector<Job> jobs = ChooseUnknown(work);
  const auto counted = Finish(pipeline, work, jobs);
  if (!counted) return counted;
  for (const Job& job : jobs) {
    if (IsOpen(job)) job.group->deferred = true;
  }
  TellOutcomes(jobs);

  entries_left_ = kVerifiedEntriesPerPoll;
  std::vector<Job> checks = ChooseVerified(work);
  const auto verified = Finish(pipeline, work, checks);
  TellOutcomes(checks);
  return verified;
}

void LagCounting::TellOutcomes(const std::vector<Job>& jobs) {
  for (const Job& job : jobs) {
    Trace* trace = job.group->trace;
    if (trace == nullptr) continue;
    const LagCount& count = job.count;
    const std::string seen =
        fmt::format("{} after D and {} up to D seen", count.unread.counted, count.read.counted);
    if (job.concluded) {
      Tried(trace, job.verifies ? "rule 5, as a check on rule 4" : kRule, true, seen);
      if (job.group->lag.source == LagSource::kCounted) {
        TellFigure(trace, "lag", "{} (counted)", *count.Lag());
      }
    } else if (job.failed) {
      Tried(trace, kRule, false, "an answer was an error");
    } else if (IsOpen(job)) {
      Tried(trace, kRule, false, seen + "; the poll's time or entries were used up");
    } else if (!count.Lag()) {
      Tried(trace, kRule, false, seen + "; both sides exceed count_limit");
    } else {
      Tried(trace, kRule, false, "entries were removed, or nobody answered, meanwhile");
    }
    if (!job.group->lag.messages) TellFigure(trace, "lag", "unknown, between 1 and L - 1");
  }
}

bool LagCounting::IsOpen(const Job& job) { return !job.failed && !job.count.Finished(); }

std::vector<LagCounting::Job> LagCounting::ChooseUnknown(PollWork& work) const {
  std::vector<Job> jobs;
  for (GroupWork& group : work.groups) {
    if (group.lag.messages || work.streams[group.stream].asking) continue;
    if (!CanBeCounted(group)) {
      Tried(group.trace, kRule, false, "it is not known where the stream begins and ends");
      continue;
    }
    jobs.push_back({&group, LagCount(group, count_limit_)});
  }
  // Whoever comes last in one poll's budget comes first in another's.
  if (!jobs.empty()) {
    const std::size_t first = (work.number * kJobsAtATime) % jobs.size();
    std::ranges::rotate(jobs, jobs.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return jobs;
}

std::vector<LagCounting::Job> LagCounting::ChooseVerified(PollWork& work) const {
  std::vector<GroupWork*> calibrated;
  for (GroupWork& group : work.groups) {
    const bool asking = work.streams[group.stream].asking;
    if (group.lag.source == LagSource::kCalibrated && !asking) calibrated.push_back(&group);
  }
  std::vector<Job> jobs;
  const std::uint64_t limit = std::min(count_limit_, kVerifiedEntriesPerPoll / 2);
  for (std::size_t i = 0; i < std::min(calibrated.size(), kVerificationsPerPoll); ++i) {
    GroupWork* group = calibrated[(work.number * kVerificationsPerPoll + i) % calibrated.size()];
    jobs.push_back({group, LagCount(*group, limit), true});
  }
  return jobs;
}

Result<void> LagCounting::Finish(Pipeline& pipeline, PollWork& work, std::vector<Job>& jobs) {
  while (entries_left_ > 0 && !IsOver(work.limits.everything)) {
    std::size_t asked = 0;
    for (Job& job : jobs) {
      if (!IsOpen(job) || entries_left_ == 0 || asked == kJobsAtATime) continue;
      const auto sent = AskPages(pipeline, work, job);
      if (!sent) return sent;
      ++asked;
    }
    if (asked == 0) break;
    const auto answered = pipeline.Flush();
    if (!answered) return answered;
  }
  return Validate(pipeline, work, jobs);
}

Result<void> LagCounting::AskPages(Pipeline& pipeline, PollWork& work, Job& job) {
  StreamWork& stream = work.streams[job.group->stream];
  const std::uint64_t entries = PageSize(stream, job.group->moment.stream.length);
  const auto room = pipeline.MakeRoom(2, 2 * entries * EntryBytes(stream), job.group->stream);
  if (!room) return room;
  const std::string_view key = stream.state->name->text();
  for (LagCount::Side* side : {&job.count.unread, &job.count.read}) {
    const std::uint64_t asked = std::min(entries, entries_left_);
    if (asked == 0) break;
    entries_left_ -= asked;
    pipeline.Add(
        Request::kXrange,
        {"XRANGE", key, ToString(side->next), ToString(side->end), "COUNT", std::to_string(asked)},
        kXrangeDepth, [this, &work, &job, side, key, asked](const Reply& reply) {
          const auto page = ParseRange(reply);
          if (page) {
            entries_left_ += asked - std::min<std::uint64_t>(asked, page->count);
            return side->Take(*page, asked);
          }
          job.failed = true;
          if (reply.IsError()) work.errors.Note(reply.text(), Request::kXrange, key);
        });
  }
  return {};
}

Result<void> LagCounting::Validate(Pipeline& pipeline, PollWork& work, std::vector<Job>& jobs) {
  std::map<std::uint32_t, std::vector<Job*>> by_stream;  // one look proves it for all its groups
  for (Job& job : jobs) {
    if (!job.failed && job.count.Lag()) by_stream[job.group->stream].push_back(&job);
  }
  for (const auto& [stream, counted] : by_stream) {
    const auto room = pipeline.MakeRoom(1, work.streams[stream].payload_bytes, stream);
    if (!room) return room;
    const std::string_view key = work.streams[stream].state->name->text();
    pipeline.Add(Request::kXinfoStream, {"XINFO", "STREAM", key}, kStreamDepth,
                 [this, &work, &counted, stream](const Reply& reply) {
                   const auto after = ParseStream(reply);
                   if (!after || !NothingRemoved(*work.streams[stream].facts, *after)) return;
                   for (Job* job : counted) Conclude(*job);
                 });
  }
  return pipeline.Flush();
}

void LagCounting::Conclude(Job& job) {
  const std::uint64_t lag = *job.count.Lag();
  job.concluded = true;
  if (job.verifies) {
    const bool agreed = job.group->lag.messages == lag;
    ++(agreed ? telemetry_.verifications_agreed : telemetry_.verifications_differed);
    if (agreed) return;
  }
  job.group->lag = {LagSource::kCounted, lag};
  job.group->state->lag.Counted(lag);
}

}  // namespace streamgauge
