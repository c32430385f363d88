// The sentences, as people will read them.
#include "signals/words.h"

#include <gtest/gtest.h>

namespace streamgauge {
namespace {

using enum GroupState;

class Words : public testing::Test {
 protected:
  Words() {
    report_.reading.streams.emplace_back();
    report_.reading.groups.emplace_back();
    report_.streams.emplace_back();
    report_.groups.emplace_back();
    group().lag = 1204;
    group().lag_seconds = 372;
    group().position = Position{1'700'000'000'000, 0};
  }
  StreamReading& stream() { return report_.reading.streams[0]; }
  GroupReading& group() { return report_.reading.groups[0]; }
  GroupSignals& signals() { return report_.groups[0]; }
  Evidence& evidence() { return signals().evidence; }
  void HoldBy(std::string_view consumer, std::uint64_t pending, double idle) {
    group().pending = pending;
    group().consumers = {{.name = std::make_shared<Name>(NameKind::kConsumer, consumer),
                          .pending = pending,
                          .idle_seconds = idle}};
    evidence().Add(Cause::kOneHolder);
  }
  std::string Said(GroupState state) {
    signals().state = state;
    return ReasonInWords(report_, 0);
  }

  Report report_;
};

TEST_F(Words, StalledNamesThePositionAndWhoHoldsThePending) {
  evidence().unmoved_seconds = 372;
  HoldBy("worker-3", 17, 372);
  group().max_deliveries = 9;
  EXPECT_EQ(
      Said(kStalled),
      "stalled: 1,204 unread, the oldest for 6m, 17 pending, position 1700000000000-0 unmoved "
      "for 6m; consumer worker-3 holds 17 pending, idle 6m, one delivered 9 times");
}

TEST_F(Words, StalledOnKafkaNamesTheHotPartition) {
  group().members = 3;
  group().position = Position{.major = 99};
  evidence().unmoved_seconds = 7300;
  evidence().Add(Cause::kHotPartition);
  evidence().hot_partition = 4;
  evidence().hot_share = 0.914F;
  EXPECT_EQ(
      Said(kStalled),
      "stalled: 1,204 unread, the oldest for 6m, commits unmoved for 2h1m; partition 4 has 91% "
      "of the lag");
}

TEST_F(Words, LosingDataNamesWhatWasLostAndWhatWillBe) {
  evidence().lost_seconds = 42;
  evidence().lost_messages = 1;
  EXPECT_EQ(Said(kLosingData),
            "losing_data: 1 message was removed unread, the latest 42s ago, 1,204 unread, the "
            "oldest for 6m");
  evidence() = {};
  evidence().loss_in_seconds = 754;
  group().headroom_messages = 31'000;
  EXPECT_EQ(Said(kLosingData),
            "losing_data: 1,204 unread, the oldest for 6m, removal reaches them in 12m, headroom "
            "31,000");
}

TEST_F(Words, NoConsumersTellsWhatBecameOfThem) {
  signals().consumers = ConsumerStates{.idle = 2, .dead_with_pending = 1};
  EXPECT_EQ(Said(kNoConsumers),
            "no_consumers: 1,204 unread, the oldest for 6m, no active consumer, 1 dead with "
            "pending, 2 idle");
  evidence().Add(Cause::kNobodyAsks);
  evidence().unmoved_seconds = 4000;
  evidence().quiet_seconds = 310;
  EXPECT_EQ(Said(kNoConsumers),
            "no_consumers: 1,204 unread, the oldest for 6m, no consumer asked for any for 5m");
}

TEST_F(Words, AnAbandonedTopicIsCalledSo) {
  group().members = 3;
  evidence().Add(Cause::kAbandoned);
  EXPECT_EQ(Said(kNoConsumers),
            "no_consumers: 1,204 unread, the oldest for 6m; no member of the group has a partition "
            "of this topic: abandoned?");
}

TEST_F(Words, FallingBehindTellsBothEndsAndTheRates) {
  evidence().trend_seconds = 305;
  evidence().backlog_before = 1000;
  evidence().age_before = 0.25F;
  evidence().burst_factor = 3.14F;
  signals().backlog = 1204;
  signals().append_rate = 1234.5;
  signals().finish_rate = 12.25;
  EXPECT_EQ(
      Said(kFallingBehind),
      "falling_behind: backlog 1,000 to 1,204, age 0.2s to 6m in 5m; appended 1234/s, finished "
      "12.2/s; 3.14 times as much is appended as usual");
}

TEST_F(Words, CatchingUpTellsWhenItWillBeDone) {
  evidence().trend_seconds = 300;
  evidence().backlog_before = 2'000'000;
  signals().backlog = 1204;
  signals().drain_seconds = 90'000;
  EXPECT_EQ(Said(kCatchingUp), "catching_up: backlog 2,000,000 to 1,204 in 5m, done in 1d1h");
}

TEST_F(Words, UnknownTellsWhatIsMissing) {
  evidence().Add(Cause::kTooYoung);
  EXPECT_EQ(Said(kUnknown),
            "unknown: not watched for long enough, 1,204 unread, the oldest for 6m");
  evidence().left_to_watch = 290;
  EXPECT_EQ(Said(kUnknown),
            "unknown: not watched for long enough (4m to go), 1,204 unread, the oldest for 6m");
  evidence() = {};
  evidence().Add(Cause::kLagUnknown);
  EXPECT_EQ(Said(kUnknown), "unknown: the lag cannot be told at present");
}

TEST_F(Words, OkTellsWhatIsLeftAndWhy) {
  EXPECT_EQ(Said(kOk), "ok: 1,204 unread, the oldest for 6m");
  group().lag = 0;
  group().lag_seconds = 0;
  EXPECT_EQ(Said(kOk), "ok: nothing unread");
  group().lag = 1;
  evidence().Add(Cause::kMarkerOnly);
  EXPECT_EQ(
      Said(kOk),
      "ok: 1 unread; that is only a transaction marker, or one last message on each partition");
}

TEST_F(Words, RewoundNamesThePlace) {
  EXPECT_EQ(Said(kRewound),
            "rewound: went back to position 1700000000000-0 and has not passed its old place yet, "
            "1,204 unread, the oldest for 6m");
}

TEST_F(Words, AStateThatIsHeldTellsWhatIsSoNow) {
  evidence().Add(Cause::kHeld);
  evidence().held_seconds = 13;
  evidence().unmoved_seconds = 3;
  const std::string held = "; it was so until 13s ago and is shown until it has surely passed";
  const std::string waiting = "1,204 unread, the oldest for 6m";
  EXPECT_EQ(Said(kStalled), "stalled: " + waiting + ", moved 3s ago" + held);
  EXPECT_EQ(Said(kFallingBehind), "falling_behind: " + waiting + held);
  EXPECT_EQ(Said(kRewound), "rewound: " + waiting + held);
  signals().consumers = ConsumerStates{.active = 1};
  EXPECT_EQ(Said(kNoConsumers), "no_consumers: " + waiting + held);
  evidence().lost_seconds = 42;
  evidence().lost_messages = 7;
  EXPECT_EQ(Said(kLosingData),
            "losing_data: 7 messages were removed unread, the latest 42s ago, " + waiting + held);
}

TEST_F(Words, NamesOfConsumersCannotBreakTheLine) {
  evidence().unmoved_seconds = 1;
  HoldBy("a\nb\"\xff", 2, 1);
  const std::string said = Said(kStalled);
  EXPECT_EQ(said.find('\n'), std::string::npos);
  EXPECT_NE(said.find("a\\nb\\\""), std::string::npos) << said;
  EXPECT_EQ(said.find('\xff'), std::string::npos) << "no valid UTF-8";
}

TEST_F(Words, AHolderWhoHasGoneIsNotNamed) {
  evidence().unmoved_seconds = 1;
  HoldBy("worker-3", 2, 1);
  group().consumers.clear();
  EXPECT_EQ(Said(kStalled).find("worker"), std::string::npos);
}

}  // namespace
}  // namespace streamgauge
