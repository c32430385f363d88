#include "redis/reply_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace streamgauge {
namespace {

constexpr std::size_t kKeepAll = 100;

// The one reply in `bytes`, handed over in pieces of `step` bytes.
Reply ReadInSteps(ReplyReader& reader, std::string_view bytes, std::size_t step,
                  std::size_t keep_depth = kKeepAll) {
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    EXPECT_TRUE(reader.Feed(bytes.substr(at, step)));
    const auto reply = reader.Next(keep_depth);
    EXPECT_TRUE(reply);
    if (reply && *reply) {
      EXPECT_GE(at + step, bytes.size()) << "whole before its end";
      return **reply;
    }
  }
  throw std::runtime_error("no whole reply");
}

TEST(ReplyReader, ReadsEveryKindHoweverTheBytesAreCut) {
  constexpr std::string_view kBytes =
      "*6\r\n:-5\r\n$5\r\nhello\r\n$-1\r\n+OK\r\n*2\r\n*0\r\n:1\r\n-ERR no such key\r\n";
  for (std::size_t step = 1; step <= kBytes.size(); ++step) {
    ReplyReader reader(1 << 20);
    const Reply reply = ReadInSteps(reader, kBytes, step);
    ASSERT_EQ(reply.size(), 6u);
    EXPECT_EQ(reply.At(0)->integer(), -5);
    EXPECT_EQ(reply.At(0)->count(), std::nullopt);
    EXPECT_EQ(reply.At(1)->text(), "hello");
    EXPECT_EQ(reply.At(2)->kind(), ReplyKind::kNil);
    EXPECT_EQ(reply.At(3)->text(), "OK");
    EXPECT_EQ(reply.At(4)->At(0)->size(), 0u);
    EXPECT_EQ(reply.At(4)->At(1)->integer(), 1);
    EXPECT_TRUE(reply.At(5)->IsError());
    EXPECT_EQ(reply.At(5)->text(), "ERR no such key");
    EXPECT_EQ(reply.At(6), std::nullopt);
  }
}

TEST(ReplyReader, ReadsResp3) {
  ReplyReader reader(1 << 20);
  const Reply reply = ReadInSteps(
      reader, "%2\r\n+a\r\n:1\r\n+b\r\n*4\r\n_\r\n#t\r\n,1.5\r\n=6\r\ntxt:hi\r\n", 1000);
  ASSERT_EQ(reply.size(), 4u);
  EXPECT_EQ(reply.At(2)->text(), "b");
  EXPECT_EQ(reply.At(3)->At(0)->kind(), ReplyKind::kNil);
  EXPECT_EQ(reply.At(3)->At(1)->integer(), 1);
  EXPECT_EQ(reply.At(3)->At(2)->text(), "1.5");
  EXPECT_EQ(reply.At(3)->At(3)->text(), "hi");
}

TEST(ReplyReader, PayloadsAreDroppedAndCounted) {
  ReplyReader reader(1 << 20);
  const Reply reply = ReadInSteps(
      reader, "*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$5\r\nfield\r\n$6\r\nsecret\r\n$4\r\nkept\r\n", 7, 2);
  EXPECT_EQ(reply.At(0)->At(0)->text(), "1-1");
  const Reply entry = *reply.At(0);
  EXPECT_EQ(entry.At(1)->size(), 2u);
  EXPECT_FALSE(entry.At(1)->At(0)) << "nothing is left of them";
  EXPECT_EQ(reply.At(1)->text(), "kept") << "what comes after is found";
  EXPECT_EQ(reply.dropped_bytes(), 11u);
}

TEST(ReplyReader, GivesRepliesOneByOne) {
  ReplyReader reader(1 << 20);
  ASSERT_TRUE(reader.Feed("+one\r\n+two\r\n+thr"));
  EXPECT_EQ((*reader.Next(kKeepAll))->text(), "one");
  EXPECT_EQ((*reader.Next(kKeepAll))->text(), "two");
  EXPECT_FALSE(*reader.Next(kKeepAll));
  ASSERT_TRUE(reader.Feed("ee\r\n"));
  EXPECT_EQ((*reader.Next(kKeepAll))->text(), "three");
}

TEST(ReplyReader, RefusesWhatIsNoResp) {
  for (const char* bytes : {"HTTP/1.1 400 Bad Request\r\n", "*x\r\n", "$-7\r\n", "\r\n"}) {
    ReplyReader reader(1 << 20);
    ASSERT_TRUE(reader.Feed(bytes));
    const auto reply = reader.Next(kKeepAll);
    ASSERT_FALSE(reply) << bytes;
    EXPECT_EQ(reply.error().reason, Reason::kBadReply);
  }
}

TEST(ReplyReader, RefusesAReplyThatIsTooLarge) {
  ReplyReader reader(100);
  ASSERT_TRUE(reader.Feed("+small\r\n$1000\r\n"));
  EXPECT_TRUE(*reader.Next(kKeepAll));
  EXPECT_FALSE(*reader.Next(kKeepAll));
  const auto fed = reader.Feed(std::string(100, 'x'));
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().reason, Reason::kBadReply);
}

Error Refusal(std::string_view bytes, std::size_t keep_depth = kKeepAll) {
  ReplyReader reader(std::size_t{64} << 20);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 16 << 10))) {
    EXPECT_TRUE(reader.Feed(bytes.substr(0, 16 << 10)));
    const auto reply = reader.Next(keep_depth);
    if (!reply) return reply.error();
  }
  return {Reason::kUnavailable, "it was not refused"};
}

std::string Times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(ReplyReader, RefusesWhatIsNestedDeeperThanAnyReply) {
  ReplyReader reader(1 << 20);
  EXPECT_EQ(ReadInSteps(reader, Times(8, "*1\r\n") + ":1\r\n", 1000).size(), 1u);
  for (const std::size_t keep_depth : {std::size_t{2}, kKeepAll}) {
    const Error refusal = Refusal(Times(100'000, "*1\r\n"), keep_depth);
    EXPECT_EQ(refusal.reason, Reason::kBadReply);
    EXPECT_NE(refusal.message.find("nested too deeply"), std::string::npos) << refusal.message;
  }
}

TEST(ReplyReader, RefusesMoreValuesThanItHasRoomFor) {
  const std::string bytes = "*3000000\r\n" + Times(3'000'000, ":1\r\n");
  const Error refusal = Refusal(bytes);
  EXPECT_EQ(refusal.reason, Reason::kBadReply);
  EXPECT_NE(refusal.message.find("too many values"), std::string::npos) << refusal.message;
  ReplyReader reader(std::size_t{64} << 20);
  EXPECT_EQ(ReadInSteps(reader, "*1\r\n" + bytes, 16 << 10, 1).At(0)->size(), 3'000'000u)
      << "payloads take none";
}

TEST(ReplyReader, KnowsThatThereIsMoreThanAReply) {
  ReplyReader reader(1 << 20);
  ASSERT_TRUE(reader.Feed("+one\r\n+t"));
  EXPECT_TRUE(*reader.Next(kKeepAll));
  EXPECT_FALSE(reader.IsIdle());
  EXPECT_FALSE(*reader.Next(kKeepAll));
  EXPECT_FALSE(reader.IsIdle()) << "the rest is in the parser's hands, and still to be answered";
  ASSERT_TRUE(reader.Feed("wo\r\n"));
  EXPECT_TRUE(*reader.Next(kKeepAll));
  EXPECT_TRUE(reader.IsIdle());
}

TEST(ReplyReader, PassesOverWhatIsPushed) {
  const std::string push = ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
    ReplyReader reader(1 << 20);
    const auto pair = ReadInSteps(reader, push + push + "*2\r\n*1\r\n+a\r\n+b\r\n", step);
    ASSERT_EQ(pair.size(), 2u) << step;
    EXPECT_EQ(pair.At(0)->At(0)->text(), "a") << "what was pushed leaves no trace";
    EXPECT_EQ(pair.At(1)->text(), "b");
    EXPECT_TRUE(reader.IsIdle());
  }
}

TEST(ReplyReader, IsIdleInTheMiddleOfAPush) {
  ReplyReader reader(1 << 20);
  for (const char byte : std::string(">2\r\n+message\r\n$3\r\nx")) {
    ASSERT_TRUE(reader.Feed({&byte, 1}));
    ASSERT_FALSE(*reader.Next(0));
    EXPECT_TRUE(reader.IsIdle());
  }
  const auto answer = ReadInSteps(reader, "yz\r\n*1\r\n+deep\r\n", 1);
  EXPECT_EQ(answer.At(0)->text(), "deep") << "kept as deep as it is asked for";
}

}  // namespace
}  // namespace streamgauge
