#include "signals/verdict.h"

namespace streamgauge {
namespace {

class Rules {
 public:
  Rules(const VerdictInput& input, const SignalsConfig& config)
      : in_(input),
        window_(ToSeconds(config.window)),
        pending_window_(ToSeconds(config.pending_window)),
        loss_horizon_(ToSeconds(config.loss_horizon)) {}

  Finding Judge() {
    finding_.state = State();
    return finding_;
  }

 private:
  GroupState State() {
    if (IsLosingData()) return GroupState::kLosingData;
    if (in_.rewound) return GroupState::kRewound;
    if (HasNoConsumers()) return GroupState::kNoConsumers;
    // Worse than a stall, but one that is certain all the same is told.
    if (IsStalled()) return GroupState::kStalled;
    if (IsUnknown()) return GroupState::kUnknown;
    if (!HasBacklog()) return GroupState::kOk;
    if (IsFallingBehind()) return GroupState::kFallingBehind;
    if (IsCatchingUp()) return GroupState::kCatchingUp;
    return GroupState::kOk;
  }

  bool HasUnread() const { return in_.lag.value_or(0) > 0 || in_.lag_seconds.value_or(0) > 0; }
  bool HasBacklog() const { return HasUnread() || in_.pending.value_or(0) > 0; }
  bool WatchedAWindow() const { return in_.watched >= window_; }

  bool IsLosingData() {
    if (in_.lost_ago && *in_.lost_ago <= window_) {
      evidence().lost_seconds = *in_.lost_ago;
      evidence().lost_messages = in_.lost_messages;
      return true;
    }
    if (!HasUnread() || !in_.loss_in || *in_.loss_in > loss_horizon_) return false;
    evidence().loss_in_seconds = *in_.loss_in;
    return true;
  }

  bool HasNoConsumers() {
    if (!HasBacklog() || !in_.consumers) return false;
    return in_.members_known ? HasNoMembers() : NobodyReads();
  }

  // A group of Kafka without members may still be somebody's who assigns partitions by hand and
  // only commits: then it moves. Members that were seen to leave prove it, else a window without
  // commits.
  bool HasNoMembers() {
    if (in_.abandoned) {
      evidence().Add(Cause::kAbandoned);
      return true;
    }
    // A restart or a rebalance takes the members away for a moment.
    if (!in_.memberless_for || *in_.memberless_for < window_ / 10) return false;
    if (in_.moved_memberless && in_.unmoved < window_) {
      evidence().Add(Cause::kNoMembersButCommits);
      return false;
    }
    return in_.members_left || StoodStill(window_);
  }

  bool NobodyReads() {
    if (HasUnread()) return NobodyIsActive() || NobodyAsks();
    // Nothing is left to be read: consumers that are at work do not ask. One job may take long.
    return in_.consumers->active == 0 && in_.quiet && *in_.quiet >= pending_window_;
  }

  // Where only successes are known, who asks all the time has none while there is nothing to get.
  bool NobodyIsActive() const {
    if (in_.consumers->active > 0) return false;
    const bool there_are_some = *in_.consumers != ConsumerStates{};
    if (in_.knows_attempts || !there_are_some) return true;
    return in_.unread_for && *in_.unread_for >= window_ / 10;
  }

  // Messages wait, nobody holds any that could keep him busy, and nobody asked: nobody is there,
  // before dead_after tells it.
  bool NobodyAsks() {
    if (in_.pending.value_or(1) > 0 || !in_.quiet || *in_.quiet < window_) return false;
    if (!in_.unread_for || *in_.unread_for < window_) return false;
    evidence().Add(Cause::kNobodyAsks);
    evidence().quiet_seconds = static_cast<float>(*in_.quiet);
    return true;
  }

  bool StoodStill(double seconds) const { return in_.moves_known && in_.unmoved >= seconds; }

  // Nothing was seen to be done although there was something to do, for so long that it counts.
  bool NoWorkIsSeen() const {
    if (in_.unmoved < window_ || !HasBacklog() || !in_.backlog_for) return false;
    const bool unread_waits = HasUnread() && in_.unread_for && *in_.unread_for >= window_;
    return unread_waits || (*in_.backlog_for >= pending_window_ && in_.unmoved >= pending_window_);
  }

  bool IsStalled() {
    if (!in_.moves_known || !NoWorkIsSeen()) return false;
    if (in_.only_markers_left) {
      evidence().Add(Cause::kMarkerOnly);
      return false;
    }
    if (!HasUnread()) evidence().Add(Cause::kPendingOnly);
    return true;
  }

  bool IsUnknown() {
    if (!in_.lag) {
      evidence().Add(Cause::kLagUnknown);
      return true;
    }
    if (!in_.moves_known && NoWorkIsSeen()) {
      evidence().Add(Cause::kMovesUnknown);
      return true;
    }
    // Who was seen with nothing to do is not stuck since before we came.
    const bool was_done = in_.backlog.lowest == 0 && in_.backlog.seconds > 0;
    if (in_.points < kLeastPointsForVerdict || !(was_done || WatchedAWindow())) {
      evidence().Add(Cause::kTooYoung);
      return true;
    }
    return false;
  }

  bool IsFallingBehind() {
    if (in_.backlog.direction != Direction::kRising || in_.unmoved >= window_) return false;
    // Without ages (entry ids that are no times) a backlog that one window's traffic explains may
    // be a busier producer and nothing else.
    const bool falls = in_.lag_seconds ? in_.age.direction == Direction::kRising : ExceedsTraffic();
    if (falls) KeepTrend();
    return falls;
  }

  bool IsCatchingUp() {
    if (in_.backlog.direction != Direction::kFalling || !ExceedsTraffic()) return false;
    KeepTrend();
    return true;
  }

  bool ExceedsTraffic() const { return in_.appended && in_.backlog.last > *in_.appended; }

  void KeepTrend() {
    evidence().trend_seconds = static_cast<float>(in_.backlog.seconds);
    evidence().backlog_before = in_.backlog.first;
    if (in_.age.direction != Direction::kUnknown) {
      evidence().age_before = static_cast<float>(in_.age.first);
    }
  }

  Evidence& evidence() { return finding_.evidence; }

  static constexpr std::size_t kLeastPointsForVerdict = 3;

  const VerdictInput& in_;
  const double window_;
  const double pending_window_;
  const double loss_horizon_;
  Finding finding_;
};

}  // namespace

Finding Judge(const VerdictInput& input, const SignalsConfig& config) {
  Finding finding = Rules(input, config).Judge();
  if (input.moves_known) finding.evidence.unmoved_seconds = static_cast<float>(input.unmoved);
  return finding;
}

}  // namespace streamgauge
