#include "signals/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "model/name.h"

namespace streamgauge {
namespace {

// Three significant digits: 0.25, 12.5, 1300.
std::string NumberWords(double number) {
  return number >= 1000 ? fmt::format("{:.0f}", number) : fmt::format("{:.3g}", number);
}

}  // namespace

std::string CountWords(std::uint64_t count) {
  std::string digits = fmt::format_int(count).str();
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string DurationWords(double seconds) {
  if (seconds < 10) return NumberWords(std::floor(seconds * 10) / 10) + "s";
  constexpr std::int64_t kMinute = 60, kHour = 3'600, kDay = 86'400;
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < kMinute) return std::to_string(whole) + "s";
  if (whole < kHour) return std::to_string(whole / kMinute) + "m";
  const bool days = whole >= kDay;
  const std::int64_t large = days ? kDay : kHour;
  const std::int64_t rest = whole % large / (days ? kHour : kMinute);
  std::string words = std::to_string(whole / large) + (days ? "d" : "h");
  if (rest > 0) words += std::to_string(rest) + (days ? "h" : "m");
  return words;
}

std::string Quantity(std::uint64_t count, std::string_view one, std::string_view many) {
  return CountWords(count) + " " + std::string(count == 1 ? one : many);
}

namespace {

class Sentence {
 public:
  Sentence(const StreamReading& stream, const GroupReading& group, const GroupSignals& signals)
      : stream_(stream), group_(group), signals_(signals), evidence_(signals.evidence) {}

  std::string Write() {
    text_ = std::string(ToString(signals_.state)) + ": ";
    evidence_.Has(Cause::kHeld) ? WriteHeld() : WriteState();
    WriteCauses();
    return std::move(text_);
  }

 private:
  void WriteState() {
    switch (signals_.state) {
      case GroupState::kLosingData:
        return WriteLosses();
      case GroupState::kRewound:
        text_ += "went back to " + PositionWords() + " and has not passed its old place yet, " +
                 WaitingWords();
        return;
      case GroupState::kNoConsumers:
        return WriteNoConsumers();
      case GroupState::kUnknown:
        return WriteUnknown();
      case GroupState::kStalled:
        text_ += WaitingWords() + ", " + PositionWords() + " unmoved for " +
                 DurationWords(evidence_.unmoved_seconds.value_or(0));
        return;
      case GroupState::kFallingBehind:
      case GroupState::kCatchingUp:
        return WriteTrend();
      case GroupState::kOk:
        text_ += WaitingWords();
        return;
    }
  }

  // What was true when the rules gave the state need not be so now.
  void WriteHeld() {
    if (signals_.state == GroupState::kLosingData) {
      WriteLosses();
    } else {
      text_ += WaitingWords();
    }
    if (signals_.state == GroupState::kStalled && evidence_.unmoved_seconds) {
      text_ += ", moved " + DurationWords(*evidence_.unmoved_seconds) + " ago";
    }
    text_ += "; it was so until " + DurationWords(evidence_.held_seconds.value_or(0)) +
             " ago and is shown until it has surely passed";
  }

  void WriteLosses() {
    if (evidence_.lost_seconds) {
      text_ += Quantity(evidence_.lost_messages, "message was", "messages were") +
               " removed unread, the latest " + DurationWords(*evidence_.lost_seconds) + " ago, ";
    }
    text_ += WaitingWords();
    if (evidence_.loss_in_seconds) {
      text_ += ", removal reaches them in " + DurationWords(*evidence_.loss_in_seconds);
    }
    if (group_.headroom_messages) {
      text_ += ", headroom " + CountWords(*group_.headroom_messages);
    }
  }

  void WriteNoConsumers() {
    text_ += WaitingWords();
    if (evidence_.Has(Cause::kAbandoned)) return;  // the cause says the rest
    if (evidence_.Has(Cause::kNobodyAsks)) {
      text_ +=
          ", no consumer asked for any for " + DurationWords(evidence_.quiet_seconds.value_or(0));
      return;
    }
    text_ += group_.members ? ", no members" : ", no active consumer";
    const auto& states = signals_.consumers;
    if (!states) return;
    WriteStateCount(states->dead_with_pending, "dead with pending");
    WriteStateCount(states->idle, "idle");
    WriteStateCount(states->never_read, "never read anything");
  }

  void WriteStateCount(std::uint32_t count, std::string_view what) {
    if (count > 0) text_ += ", " + CountWords(std::uint64_t{count}) + " " + std::string(what);
  }

  void WriteUnknown() {
    if (evidence_.Has(Cause::kLagUnknown)) {
      text_ += "the lag cannot be told at present";
    } else if (evidence_.Has(Cause::kMovesUnknown)) {
      text_ += "it cannot be told whether the group moves, " + WaitingWords();
    } else {
      text_ += "not watched for long enough";
      if (evidence_.left_to_watch) text_ += LeftToWatchWords(*evidence_.left_to_watch);
      text_ += ", " + WaitingWords();
    }
  }

  void WriteTrend() {
    text_ += "backlog " + CountWords(static_cast<std::uint64_t>(evidence_.backlog_before)) +
             " to " + CountWords(signals_.backlog.value_or(0));
    if (evidence_.age_before && group_.lag_seconds) {
      text_ += ", age " + DurationWords(*evidence_.age_before) + " to " +
               DurationWords(*group_.lag_seconds);
    }
    text_ += " in " + DurationWords(evidence_.trend_seconds.value_or(0));
    if (signals_.append_rate && signals_.finish_rate) {
      text_ += "; appended " + NumberWords(*signals_.append_rate) + "/s, finished " +
               NumberWords(*signals_.finish_rate) + "/s";
    }
    if (signals_.state == GroupState::kCatchingUp && signals_.drain_seconds &&
        std::isfinite(*signals_.drain_seconds)) {
      text_ += ", done in " + DurationWords(*signals_.drain_seconds);
    }
  }

  void WriteCauses() {
    if (evidence_.Has(Cause::kMarkerOnly)) {
      text_ += "; that is only a transaction marker, or one last message on each partition";
    }
    if (evidence_.Has(Cause::kAbandoned)) {
      text_ += "; no member of the group has a partition of this topic: abandoned?";
    }
    if (evidence_.Has(Cause::kOpenTransaction)) {
      text_ += "; an open transaction holds messages back from readers of committed ones";
    }
    if (evidence_.Has(Cause::kOneHolder)) WriteHolder();
    if (evidence_.Has(Cause::kHotPartition)) {
      text_ += "; partition " + std::to_string(evidence_.hot_partition) + " has " +
               PercentWords(evidence_.hot_share) + " of the lag";
    }
    if (evidence_.burst_factor) {
      text_ += "; " + NumberWords(*evidence_.burst_factor) + " times as much is appended as usual";
    }
    if (evidence_.Has(Cause::kRetentionShort) && stream_.retention_seconds) {
      text_ += "; unread messages are older than the retention time of " +
               DurationWords(*stream_.retention_seconds);
    }
    if (evidence_.Has(Cause::kCompacted)) {
      text_ += "; the topic is compacted: fewer messages are left than that";
    }
    if (evidence_.Has(Cause::kNoMembersButCommits)) {
      text_ += "; the group has no members, but somebody commits for it";
    }
  }

  void WriteHolder() {
    // The list is that of the present poll, the evidence may be older.
    if (evidence_.holder >= group_.consumers.size()) return;
    const ConsumerReading& consumer = group_.consumers[evidence_.holder];
    if (consumer.pending.value_or(0) == 0) return;
    text_ += "; consumer ";
    AppendEscapedLabelValue(consumer.name->text(), text_);
    text_ += " holds " + CountWords(*consumer.pending) + " pending";
    if (consumer.idle_seconds) text_ += ", idle " + DurationWords(*consumer.idle_seconds);
    if (group_.max_deliveries.value_or(0) > 1) {
      text_ += ", one delivered " + CountWords(*group_.max_deliveries) + " times";
    }
  }

  static std::string LeftToWatchWords(double seconds) {
    return " (" + DurationWords(std::max(1.0, seconds)) + " to go)";
  }

  std::string WaitingWords() const {
    std::string words;
    if (!group_.lag) {
      words = group_.lag_seconds.value_or(0) > 0 ? "some unread" : "unread unknown";
    } else if (*group_.lag == 0) {
      words = "nothing unread";
    } else {
      words = CountWords(*group_.lag) + " unread";
    }
    if (group_.lag_seconds.value_or(0) > 0) {
      words += ", the oldest for " + DurationWords(*group_.lag_seconds);
    }
    if (group_.pending.value_or(0) > 0) words += ", " + CountWords(*group_.pending) + " pending";
    return words;
  }

  std::string PositionWords() const {
    if (!group_.position) return "position";
    if (!IsKafka()) {
      return "position " + std::to_string(group_.position->major) + "-" +
             std::to_string(group_.position->minor);
    }
    return "commits";
  }

  static std::string PercentWords(float share) {
    return std::to_string(std::lround(share * 100)) + "%";
  }

  // Only Kafka has partitions, and its position is a sum that nobody could look up.
  bool IsKafka() const { return !group_.partitions.empty() || group_.members; }

  const StreamReading& stream_;
  const GroupReading& group_;
  const GroupSignals& signals_;
  const Evidence& evidence_;
  std::string text_;
};

}  // namespace

std::string ReasonInWords(const Report& report, std::size_t index) {
  const GroupReading& group = report.reading.groups[index];
  return Sentence(report.reading.streams[group.stream], group, report.groups[index]).Write();
}

}  // namespace streamgauge
