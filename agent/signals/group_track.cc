#include "signals/group_track.h"

#include <algorithm>

#include "signals/causes.h"
#include "signals/consumers.h"
#include "signals/explanation.h"
#include "signals/rates.h"

namespace streamgauge {
namespace {

// A backbone without pending messages has none; a source that knows a group knows its pending.
std::optional<std::uint64_t> BacklogOf(const GroupReading& group) {
  if (!group.lag) return std::nullopt;
  return *group.lag + group.pending.value_or(0);
}

// Empty when it cannot be told whether anything is unread. The age of the oldest unread message
// tells it even where their number is unknown.
std::optional<bool> HasUnread(const GroupReading& group) {
  if (group.lag) return *group.lag > 0;
  if (group.lag_seconds.value_or(0) > 0) return true;
  return std::nullopt;
}

std::optional<bool> HasBacklog(const GroupReading& group) {
  if (group.pending.value_or(0) > 0) return true;
  return HasUnread(group);
}

template <typename T>
bool Differs(const std::optional<T>& before, const std::optional<T>& now) {
  return before && now && *before != *now;
}

// Keeps the time since which a condition has held at every poll; where it is not known, what was
// known stays.
void Note(std::optional<bool> holds, Tick now, std::optional<Tick>& since) {
  if (!holds) return;
  if (!*holds) {
    since.reset();
  } else if (!since) {
    since = now;
  }
}

std::optional<double> SecondsSince(const std::optional<Tick>& since, Tick now) {
  if (!since) return std::nullopt;
  return SecondsBetween(*since, now);
}

std::optional<double> RateOf(const std::optional<Rise>& rise, std::string_view name, Trace* trace) {
  if (!rise) {
    TellFigure(trace, name, "unknown: takes {} points with a known total, window / {} apart",
               kLeastPoints, GroupHistory::kCapacity - 2);
    return std::nullopt;
  }
  TellFigure(trace, name, "{}/s = {:.0f} / {} s", Shown(rise->rate()), rise->messages,
             Shown(rise->seconds));
  return rise->rate();
}

}  // namespace

void GroupTrack::Observe(const Subject& subject, Tick now, const SignalsConfig& config,
                         GroupSignals& signals, Trace* trace) {
  const GroupReading& group = subject.group;
  const Tick window = config.window.count();
  ForgetUnlessSame(subject.stream, group, now);
  NoteGoingBack(group, now);
  NoteMoves(group, now);
  NoteBacklog(group, now);
  NoteMembers(group, now);
  NoteConsumers(group, now, config);
  NoteLosses(group, now, ToSeconds(config.window));
  signals.backlog = BacklogOf(group);
  signals.consumers = consumers_.states;
  signals.objective_seconds = objective_seconds;
  NotePoint(group, now, window);
  if (!subject.stream.retention_unlimited && !group.partitions.empty()) {
    commits_.Observe(group.partitions, subject.stream.partitions, now, window);
  }
  Conclude(subject, now, config, signals, trace);
  last_seen = now;
}

void GroupTrack::ForgetUnlessSame(const StreamReading& stream, const GroupReading& group,
                                  Tick now) {
  const bool same =
      !is_new && stream_incarnation_ == stream.incarnation && incarnation_ == group.incarnation;
  if (same) return;
  GroupTrack fresh;
  fresh.stream_name = stream.name;
  fresh.group_name = group.name;
  fresh.objective_seconds = objective_seconds;
  fresh.stream_incarnation_ = stream.incarnation;
  fresh.incarnation_ = group.incarnation;
  fresh.first_seen_ = fresh.moved_at_ = fresh.went_back_at_ = now;
  fresh.is_new = false;
  *this = std::move(fresh);
}

void GroupTrack::NoteMoves(const GroupReading& group, Tick now) {
  // Fewer pending entries are a finished one, also where the server tells no totals.
  const bool finished_pending = pending_ && group.pending && *group.pending < *pending_;
  const bool moved = Differs(position_, group.position) ||
                     Differs(delivered_, group.delivered_total) ||
                     Differs(acknowledged_, group.acknowledged_total) || finished_pending;
  if (moved) {
    moved_at_ = now;
    if (memberless_since_) moved_memberless_ = true;
  }
  moves_known_ = SeesMoves(group);
  // Without a position nothing tells, later on, what passed before this total's baseline.
  if (!moves_known_ && !position_ && group.delivered_total) moved_at_ = now;
  if (moved_at_ == now) moves_known_ = true;
  if (group.position) position_ = group.position;
  if (group.pending) pending_ = group.pending;
  delivered_ = group.delivered_total;
  acknowledged_ = group.acknowledged_total;
}

// A total tells something only next to one of the last poll: what passes while it is absent is not
// in it. A position that is where it was, and as many pending, prove that nothing moved meanwhile.
bool GroupTrack::SeesMoves(const GroupReading& group) const {
  const bool sees_deliveries =
      (position_ && group.position) || (delivered_ && group.delivered_total);
  const bool has_pending = pending_ || group.pending;
  const bool sees_finishes =
      !has_pending || (pending_ && group.pending) || (acknowledged_ && group.acknowledged_total);
  return sees_deliveries && sees_finishes;
}

// Before NoteMoves, which takes over the position.
void GroupTrack::NoteGoingBack(const GroupReading& group, Tick now) {
  const bool falls = position_ && group.position && *group.position < *position_;
  if (falls || (group.rewound && !rewound_)) went_back_at_ = now;
  rewound_ = group.rewound;
}

void GroupTrack::NotePoint(const GroupReading& group, Tick now, Tick window) {
  history_.Push({.tick = now,
                 .backlog = FigureOr<double>(BacklogOf(group)),
                 .age = FigureOr<float>(group.lag_seconds),
                 .headroom = FigureOr<float>(group.headroom_messages),
                 .delivered = deliveries_.Observe(group.delivered_total, now),
                 .acknowledged = finishes_.Observe(group.acknowledged_total, now)},
                window);
  most_delivered_.Observe(group.delivered_total, now, window);
}

void GroupTrack::NoteBacklog(const GroupReading& group, Tick now) {
  Note(HasUnread(group), now, unread_since_);
  Note(HasBacklog(group), now, backlog_since_);
}

void GroupTrack::NoteMembers(const GroupReading& group, Tick now) {
  if (!group.members) return;
  if (*group.members > 0) {
    had_members_ = true;
    memberless_since_.reset();
    moved_memberless_ = false;
    members_left_ = false;
  } else if (!memberless_since_) {
    memberless_since_ = now;
    members_left_ = had_members_;  // those that were not known of cannot be seen to leave
  }
}

void GroupTrack::NoteConsumers(const GroupReading& group, Tick now, const SignalsConfig& config) {
  const auto states = CountConsumers(group, config.dead_after);
  if (states) {
    consumers_ = {.states = states,
                  .quiet = QuietSeconds(group),
                  .are_members = group.members.has_value(),
                  .knows_attempts = KnowsAttempts(group),
                  .at = now - static_cast<Tick>(group.consumers_age_seconds * 1000)};
  } else if (SecondsBetween(consumers_.at, now) > ToSeconds(config.window)) {
    consumers_ = {};
  }
}

void GroupTrack::NoteLosses(const GroupReading& group, Tick now, double window) {
  if (!group.lost_total) return;
  if (lost_ && *group.lost_total > *lost_) {
    if (!lost_at_ || SecondsBetween(*lost_at_, now) > window) lost_before_ = *lost_;
    lost_at_ = now;
  }
  if (lost_ && *group.lost_total < *lost_) lost_at_.reset();  // another sum
  lost_ = group.lost_total;
}

// A slow fall is level for a while now and then. A batch of long ago still bends one that began
// with it.
void GroupTrack::NoteFall(const Trend& headroom, double batches, Tick now, double window) {
  if (headroom.direction == Direction::kFalling) {
    if (!fall_) fall_ = Fall{.from = headroom.first};
    fall_->seen = now;
  }
  if (!fall_) return;
  fall_->swing = std::max(fall_->swing, batches);
  if (headroom.direction == Direction::kRising || SecondsBetween(fall_->seen, now) > window)
    fall_.reset();
}

GroupTrack::Trends GroupTrack::TrendsOf(const SignalsConfig& config) const {
  const double window = ToSeconds(config.window);
  // A trend is one of the whole window, but for what a poll that came late leaves open. A change of
  // an age by less than a hundredth of the window is not told from noise.
  const TrendLimits limits{.least_seconds = 0.9 * window};
  const TrendLimits age_limits{.least_change = window / 100, .least_seconds = 0.9 * window};
  const Tick since = went_back_at_;  // going back is no growth
  return {.backlog = TrendOf(history_, &GroupPoint::backlog, since, limits),
          .age = TrendOf(history_, &GroupPoint::age, since, age_limits),
          .headroom = TrendOf(history_, &GroupPoint::headroom, since, limits),
          .delivered = RiseOf(history_, &GroupPoint::delivered)};
}

Headroom GroupTrack::HeadroomNow(const Subject& subject, const Trends& trends, Tick now,
                                 double window, Trace* trace) {
  const auto to_removal =
      SecondsToRemoval(subject.group.partitions, commits_, subject.stream.partitions,
                       subject.track.starts(), removal_approaches_, now);
  removal_approaches_ = to_removal.has_value();
  NoteFall(trends.headroom, subject.track.most_trimmed() + most_delivered_.messages(), now, window);
  return HeadroomOf({.stream = &subject.stream,
                     .group = &subject.group,
                     .window = window,
                     .settled = SecondsBetween(went_back_at_, now),
                     .trim_ago = subject.track.seconds_since_trim(now),
                     .trimmed = subject.track.trimmed(),
                     .delivered = trends.delivered,
                     .headroom_messages = trends.headroom,
                     .fall = fall_ ? fall_->from - trends.headroom.last : 0,
                     .swing = fall_ ? fall_->swing : 0,
                     .age = trends.age,
                     .backlog = trends.backlog,
                     .seconds_to_removal = to_removal},
                    trace);
}

VerdictInput GroupTrack::InputFor(const Subject& subject, const Trends& trends, Tick now,
                                  double window) const {
  const GroupReading& group = subject.group;
  const auto appended = subject.track.appended();
  const double unmoved = SecondsBetween(moved_at_, now);
  // Who was missing when they were listed is not, if somebody moved since.
  const bool list_holds = unmoved >= SecondsBetween(consumers_.at, now);
  const bool stream_is_quiet = subject.track.quiet_seconds(now) >= window;
  return {
      .lag = group.lag,
      .pending = group.pending,
      .lag_seconds = group.lag_seconds,
      .consumers = list_holds ? consumers_.states : std::nullopt,
      .quiet = consumers_.quiet,
      .members_known = consumers_.are_members,
      .knows_attempts = consumers_.knows_attempts,
      .rewound = group.rewound,
      .abandoned = group.abandoned,
      .only_markers_left = stream_is_quiet && OnlyMarkersLeft(subject.stream, group),
      .points = history_.size(),
      .watched = history_.seconds(),
      .unmoved = unmoved,
      .moves_known = moves_known_,
      .unread_for = SecondsSince(unread_since_, now),
      .backlog_for = SecondsSince(backlog_since_, now),
      .memberless_for = SecondsSince(memberless_since_, now),
      .members_left = members_left_,
      .moved_memberless = moved_memberless_,
      .lost_ago = SecondsSince(lost_at_, now),
      .lost_messages = lost_at_ ? lost_.value_or(0) - lost_before_ : 0,
      .appended = appended ? std::optional(appended->rate() * history_.seconds()) : std::nullopt,
      .backlog = trends.backlog,
      .age = trends.age};
}

void GroupTrack::Conclude(const Subject& subject, Tick now, const SignalsConfig& config,
                          GroupSignals& signals, Trace* trace) {
  const Trends trends = TrendsOf(config);
  TellSection(trace, "rates and drain");
  TellFigure(trace, "backlog = lag + pending", signals.backlog);
  signals.append_rate = RateOf(subject.track.appended(), "append rate", trace);
  signals.delivery_rate = RateOf(trends.delivered, "delivery rate", trace);
  signals.finish_rate = RateOf(RiseOf(history_, &GroupPoint::acknowledged), "finish rate", trace);
  signals.drain_seconds =
      DrainSeconds(signals.backlog, signals.finish_rate, signals.append_rate, trace);
  TellSection(trace, "headroom in time");
  const Headroom headroom = HeadroomNow(subject, trends, now, ToSeconds(config.window), trace);
  TellFigure(trace, "headroom_seconds", headroom.seconds);
  signals.headroom_seconds = headroom.seconds;

  VerdictInput input = InputFor(subject, trends, now, ToSeconds(config.window));
  input.loss_in = headroom.loss_in_seconds;
  TellVerdictInput(trace, input, config);
  Finding finding = Judge(input, config, trace);
  if (finding.state != GroupState::kOk && finding.state != GroupState::kUnknown) {
    AddCauses(subject.stream, subject.group, signals.append_rate, subject.track.usual_append_rate(),
              finding.evidence);
  }
  Settle(finding, input, config, now, verdict_);
  const bool kept = verdict_.shown.state != finding.state;
  TellFigure(trace, "state", "{}{}", ToString(verdict_.shown.state),
             kept ? ", kept until it is sure that it has passed" : "");
  signals.state = verdict_.shown.state;
  signals.state_seconds = SecondsBetween(verdict_.since, now);
  signals.evidence = verdict_.shown.evidence;
}

}  // namespace streamgauge
