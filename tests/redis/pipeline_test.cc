#include "redis/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamgauge {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;

// Answers nothing and remembers how many commands came at a time.
class CountingConnection final : public Connection {
 public:
  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler&, std::stop_token) override {
    bursts.push_back(batch.size());
    return {};
  }
  std::vector<std::size_t> bursts;
};

class PipelineTest : public testing::Test {
 protected:
  void Ask(std::size_t commands, std::uint64_t reply_bytes, const std::string& key = "k") {
    ASSERT_TRUE(pipeline_.MakeRoom(commands, reply_bytes));
    for (std::size_t i = 0; i < commands; ++i) {
      pipeline_.Add(Request::kXlen, {"XLEN", key}, CommandBatch::kKeepAll, [](const Reply&) {});
    }
  }

  CountingConnection connection_;
  Pipeline pipeline_{connection_, {}};
};

TEST_F(PipelineTest, CommandsThatBelongTogetherAreNotTornApart) {
  for (int i = 0; i < 100; ++i) Ask(4, 100);
  ASSERT_TRUE(pipeline_.Flush());
  EXPECT_THAT(connection_.bursts, ElementsAre(248, 152));
}

TEST_F(PipelineTest, LargeAnswersMakeSmallBursts) {
  for (int i = 0; i < 10; ++i) Ask(4, 400 << 10);
  ASSERT_TRUE(pipeline_.Flush());
  EXPECT_THAT(connection_.bursts, ElementsAre(8, 8, 8, 8, 8)) << "1 MiB at a time";
}

TEST_F(PipelineTest, AnAnswerLargerThanABurstMayBeGoesAlone) {
  Ask(1, 0);
  Ask(1, 100 << 20);
  Ask(1, 0);
  ASSERT_TRUE(pipeline_.Flush());
  EXPECT_THAT(connection_.bursts, ElementsAre(1, 1, 1));
}

// Its connection breaks after so many replies.
class BrokenConnection final : public Connection {
 public:
  explicit BrokenConnection(std::size_t replies) : replies_(replies) {}
  Result<void> Exchange(const CommandBatch&, const ReplyHandler& handle, std::stop_token) override {
    ReplyTape tape;
    for (std::size_t i = 0; i < replies_; ++i) handle(i, Reply(tape, tape.AppendInteger(1)));
    return std::unexpected(Error{Reason::kBadReply, "it cannot be read"});
  }

 private:
  std::size_t replies_;
};

TEST_F(PipelineTest, AfterAFailureItTellsWhatWasNotAnswered) {
  const auto unanswered_after = [](std::size_t replies) {
    BrokenConnection connection(replies);
    Pipeline pipeline(connection, {});
    const auto add = [&] { pipeline.Add(Request::kXlen, {"XLEN", "k"}, 0, [](const Reply&) {}); };
    add();
    EXPECT_TRUE(pipeline.MakeRoom(2, 0, 7));
    add();
    add();
    EXPECT_TRUE(pipeline.MakeRoom(1, 0, 8));
    add();
    EXPECT_FALSE(pipeline.Flush());
    return pipeline.unanswered();
  };
  EXPECT_EQ(unanswered_after(0), std::nullopt) << "nobody said what that was about";
  EXPECT_EQ(unanswered_after(1), 7U);
  EXPECT_EQ(unanswered_after(2), 7U);
  EXPECT_EQ(unanswered_after(3), 8U);
  EXPECT_EQ(unanswered_after(4), std::nullopt);
}

TEST_F(PipelineTest, LongKeysMakeSmallBursts) {
  for (int i = 0; i < 100; ++i) Ask(1, 0, std::string(100'000, 'k'));
  ASSERT_TRUE(pipeline_.Flush());
  EXPECT_THAT(connection_.bursts, Each(Le(3U)));
}

TEST_F(PipelineTest, NothingToAskIsNoRoundTrip) {
  ASSERT_TRUE(pipeline_.MakeRoom(1, 100 << 20));
  ASSERT_TRUE(pipeline_.Flush());
  EXPECT_THAT(connection_.bursts, ElementsAre());
}

}  // namespace
}  // namespace streamgauge
