#include "signals/verdict.h"

#include <string>
#include <string_view>
#include <utility>

namespace streamgauge {
namespace {

class Rules {
 public:
  Rules(const VerdictInput& input, const SignalsConfig& config, Trace* trace)
      : in_(input),
        trace_(trace),
        window_(ToSeconds(config.window)),
        pending_window_(ToSeconds(config.pending_window)),
        loss_horizon_(ToSeconds(config.loss_horizon)) {}

  Finding Judge() {
    finding_.state = State();
    return finding_;
  }

 private:
  GroupState State() {
    if (Gives(GroupState::kLosingData, IsLosingData())) return GroupState::kLosingData;
    if (Gives(GroupState::kRewound, Is("its position went back", in_.rewound))) {
      return GroupState::kRewound;
    }
    if (Gives(GroupState::kNoConsumers, HasNoConsumers())) return GroupState::kNoConsumers;
    // Worse than a stall, but one that is certain all the same is told.
    if (Gives(GroupState::kStalled, IsStalled())) return GroupState::kStalled;
    if (Gives(GroupState::kUnknown, IsUnknown())) return GroupState::kUnknown;
    if (Gives(GroupState::kOk, !Is("something is unfinished", HasBacklog()))) {
      return GroupState::kOk;
    }
    if (Gives(GroupState::kFallingBehind, IsFallingBehind())) return GroupState::kFallingBehind;
    if (Gives(GroupState::kCatchingUp, IsCatchingUp())) return GroupState::kCatchingUp;
    Gives(GroupState::kOk, true);
    return GroupState::kOk;
  }

  // Both return the condition. What a rule looked at is told with what it came to.
  bool Is(std::string_view what, bool holds) {
    if (trace_ == nullptr) return holds;
    if (!looked_at_.empty()) looked_at_ += "; ";
    looked_at_ += what;
    looked_at_ += holds ? ": yes" : ": no";
    return holds;
  }
  bool Gives(GroupState state, bool applies) {
    if (trace_ == nullptr) return applies;
    return Tried(trace_, ToString(state), applies, std::exchange(looked_at_, {}));
  }

  bool HasUnread() const { return in_.lag.value_or(0) > 0 || in_.lag_seconds.value_or(0) > 0; }
  bool HasBacklog() const { return HasUnread() || in_.pending.value_or(0) > 0; }
  bool WatchedAWindow() const { return in_.watched >= window_; }

  bool IsLosingData() {
    const bool lost = in_.lost_ago && *in_.lost_ago <= window_;
    if (Is("messages were lost within the window", lost)) {
      evidence().lost_seconds = *in_.lost_ago;
      evidence().lost_messages = in_.lost_messages;
      return true;
    }
    const bool is_near = HasUnread() && in_.loss_in && *in_.loss_in <= loss_horizon_;
    if (!Is("unread ones will be within the loss horizon", is_near)) return false;
    evidence().loss_in_seconds = *in_.loss_in;
    return true;
  }

  bool HasNoConsumers() {
    if (!Is("something is unfinished", HasBacklog())) return false;
    if (!Is("the consumers are known", in_.consumers.has_value())) return false;
    return in_.members_known ? HasNoMembers() : NobodyReads();
  }

  // A group of Kafka without members may still be somebody's who assigns partitions by hand and
  // only commits: then it moves. Members that were seen to leave prove it, else a window without
  // commits.
  bool HasNoMembers() {
    if (Is("members are there and none has a partition", in_.abandoned)) {
      evidence().Add(Cause::kAbandoned);
      return true;
    }
    // A restart or a rebalance takes the members away for a moment.
    const bool memberless = in_.memberless_for && *in_.memberless_for >= window_ / 10;
    if (!Is("there have been no members for a tenth of the window", memberless)) return false;
    if (Is("somebody commits all the same", in_.moved_memberless && in_.unmoved < window_)) {
      evidence().Add(Cause::kNoMembersButCommits);
      return false;
    }
    return Is("members were seen to leave", in_.members_left) ||
           Is("nothing moved for a window", StoodStill(window_));
  }

  bool NobodyReads() {
    if (Is("something is unread", HasUnread())) {
      return Is(NoneActive(), NobodyIsActive()) ||
             Is("nothing is pending and nobody has asked for a window", NobodyAsks());
    }
    // Nothing is left to be read: consumers that are at work do not ask. One job may take long.
    const bool nobody = in_.consumers->active == 0 && in_.quiet && *in_.quiet >= pending_window_;
    return Is("no consumer is active, nor has asked for pending_window", nobody);
  }

  std::string_view NoneActive() const {
    return in_.knows_attempts ? "no consumer is active"
                              : "no consumer has got anything, while there was something to get";
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
    if (!Is("it is known whether it moves", in_.moves_known)) return false;
    if (!Is("nothing was done although something waited for a window", NoWorkIsSeen())) {
      return false;
    }
    if (Is("only transaction markers can be left", in_.only_markers_left)) {
      evidence().Add(Cause::kMarkerOnly);
      return false;
    }
    if (!HasUnread()) evidence().Add(Cause::kPendingOnly);
    return true;
  }

  bool IsUnknown() {
    if (!Is("the lag is known", in_.lag.has_value())) {
      evidence().Add(Cause::kLagUnknown);
      return true;
    }
    if (Is("it may have moved unseen", !in_.moves_known && NoWorkIsSeen())) {
      evidence().Add(Cause::kMovesUnknown);
      return true;
    }
    // Who was seen with nothing to do is not stuck since before we came.
    const bool was_done = in_.backlog.lowest == 0 && in_.backlog.seconds > 0;
    const bool knows_enough =
        in_.points >= kLeastPointsForVerdict && (was_done || WatchedAWindow());
    if (!Is("watched for a window, or seen with nothing to do, in three polls", knows_enough)) {
      evidence().Add(Cause::kTooYoung);
      if (!WatchedAWindow()) evidence().left_to_watch = static_cast<float>(window_ - in_.watched);
      return true;
    }
    return false;
  }

  bool IsFallingBehind() {
    if (!Is("the backlog rose over the window", in_.backlog.direction == Direction::kRising) ||
        !Is("it moved within the window", in_.unmoved < window_)) {
      return false;
    }
    // Without ages (entry ids that are no times) a backlog that one window's traffic explains may
    // be a busier producer and nothing else.
    const bool falls = in_.lag_seconds ? in_.age.direction == Direction::kRising : ExceedsTraffic();
    if (falls) KeepTrend();
    return Is(in_.lag_seconds ? "so did the age" : "it is more than a window's traffic", falls);
  }

  bool IsCatchingUp() {
    if (!Is("the backlog fell over the window", in_.backlog.direction == Direction::kFalling) ||
        !Is("it is more than a window's traffic", ExceedsTraffic())) {
      return false;
    }
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
  Trace* trace_;
  std::string looked_at_;  // by the present rule, if it is traced
  const double window_;
  const double pending_window_;
  const double loss_horizon_;
  Finding finding_;
};

}  // namespace

Finding Judge(const VerdictInput& input, const SignalsConfig& config, Trace* trace) {
  Finding finding = Rules(input, config, trace).Judge();
  if (input.moves_known) finding.evidence.unmoved_seconds = static_cast<float>(input.unmoved);
  return finding;
}

}  // namespace streamgauge
