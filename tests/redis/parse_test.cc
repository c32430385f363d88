#include "redis/parse.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "redis/recorded.h"

namespace streamgauge {
namespace {

// Recorded from redis-server 6.2: no entries-added, no max-deleted-entry-id, no first id.
constexpr std::string_view kStream62 =
    "*14\r\n$6\r\nlength\r\n:2\r\n$15\r\nradix-tree-keys\r\n:1\r\n$16\r\nradix-tree-nodes\r\n:2\r\n"
    "$17\r\nlast-generated-id\r\n$3\r\n3-0\r\n$6\r\ngroups\r\n:1\r\n"
    "$11\r\nfirst-entry\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"
    "$10\r\nlast-entry\r\n*2\r\n$3\r\n2-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n";
// Recorded from redis-server 7.0.15 and valkey-server 8.0.1, which agree.
constexpr std::string_view kStream70 =
    "*20\r\n$6\r\nlength\r\n:2\r\n$15\r\nradix-tree-keys\r\n:1\r\n$16\r\nradix-tree-nodes\r\n:2\r\n"
    "$17\r\nlast-generated-id\r\n$3\r\n3-0\r\n$20\r\nmax-deleted-entry-id\r\n$3\r\n3-0\r\n"
    "$13\r\nentries-added\r\n:3\r\n$23\r\nrecorded-first-entry-id\r\n$3\r\n1-0\r\n"
    "$6\r\ngroups\r\n:1\r\n"
    "$11\r\nfirst-entry\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n"
    "$10\r\nlast-entry\r\n*2\r\n$3\r\n2-0\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n";
constexpr std::string_view kEmptyStream70 =
    "*20\r\n$6\r\nlength\r\n:0\r\n$15\r\nradix-tree-keys\r\n:0\r\n$16\r\nradix-tree-nodes\r\n:1\r\n"
    "$17\r\nlast-generated-id\r\n$3\r\n3-0\r\n$20\r\nmax-deleted-entry-id\r\n$3\r\n3-0\r\n"
    "$13\r\nentries-added\r\n:3\r\n$23\r\nrecorded-first-entry-id\r\n$3\r\n0-0\r\n"
    "$6\r\ngroups\r\n:1\r\n$11\r\nfirst-entry\r\n$-1\r\n$10\r\nlast-entry\r\n$-1\r\n";

TEST(ParseStream, TellsWhatRedis6Tells) {
  const auto facts = ParseStream(*Recorded(kStream62, kStreamDepth).reply);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->length, 2u);
  EXPECT_EQ(facts->first, (EntryId{1, 0}));
  EXPECT_EQ(facts->last, (EntryId{2, 0}));
  EXPECT_EQ(facts->last_generated, (EntryId{3, 0}));
  EXPECT_EQ(facts->added, std::nullopt);
  EXPECT_EQ(facts->max_deleted, std::nullopt);
  EXPECT_EQ(facts->removed(), std::nullopt);
}

TEST(ParseStream, TellsWhatRedis7AndValkey8Tell) {
  const auto facts = ParseStream(*Recorded(kStream70, kStreamDepth).reply);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->added, 3u);
  EXPECT_EQ(facts->groups, 1u);
  EXPECT_EQ(facts->max_deleted, (EntryId{3, 0}));
  EXPECT_EQ(facts->removed(), 1u);
}

TEST(ParseStream, AnEmptyStreamHasNoFirstAndNoLastEntry) {
  const auto facts = ParseStream(*Recorded(kEmptyStream70, kStreamDepth).reply);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->length, 0u);
  EXPECT_EQ(facts->first, std::nullopt);
  EXPECT_EQ(facts->last, std::nullopt);
}

TEST(ParseStream, UnknownFieldsAndResp3MapsAreNoTrouble) {
  const auto facts = ParseStream(*Recorded("%3\r\n+length\r\n:0\r\n+idmp-duration\r\n*1\r\n+x\r\n"
                                           "+entries-added\r\n:9\r\n")
                                      .reply);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->added, 9u);
}

TEST(ParseStream, RefusesOtherShapes) {
  for (const char* bytes : {"+OK\r\n", "*0\r\n", "*1\r\n+length\r\n", "*2\r\n+length\r\n+many\r\n",
                            "*2\r\n+length\r\n:-1\r\n", "*2\r\n+length\r\n:3\r\n"}) {
    const auto facts = ParseStream(*Recorded(bytes).reply);
    ASSERT_FALSE(facts) << bytes;
    EXPECT_EQ(facts.error().reason, Reason::kBadReply);
  }
}

TEST(ParseGroups, TellsWhatEachVersionTells) {
  struct Row {
    const char* bytes;
    std::optional<std::uint64_t> read;
    const char* why;
  };
  const Row rows[] = {
      {"*1\r\n*8\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:2\r\n$7\r\npending\r\n:3\r\n"
       "$17\r\nlast-delivered-id\r\n$3\r\n4-5\r\n",
       std::nullopt, "6.2 has no entries-read"},
      {"*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:2\r\n$7\r\npending\r\n:3\r\n"
       "$17\r\nlast-delivered-id\r\n$3\r\n4-5\r\n$12\r\nentries-read\r\n:6\r\n$3\r\nlag\r\n:7\r\n",
       6, "7.0"},
      {"*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:2\r\n$7\r\npending\r\n:3\r\n"
       "$17\r\nlast-delivered-id\r\n$3\r\n4-5\r\n$12\r\nentries-read\r\n$-1\r\n$3\r\nlag\r\n$-"
       "1\r\n",
       std::nullopt, "7.0 has lost count: nil is not 0"},
  };
  for (const Row& row : rows) {
    const Recorded recorded(row.bytes);
    const auto groups = ParseGroups(*recorded.reply);
    ASSERT_TRUE(groups) << row.why;
    ASSERT_EQ(groups->size(), 1u);
    EXPECT_EQ((*groups)[0].name, "g");
    EXPECT_EQ((*groups)[0].facts.consumers, 2u);
    EXPECT_EQ((*groups)[0].facts.pending, 3u);
    EXPECT_EQ((*groups)[0].facts.delivered, (EntryId{4, 5}));
    EXPECT_EQ((*groups)[0].facts.read, row.read) << row.why;
  }
}

TEST(ParseGroups, RefusesAGroupWithoutAPosition) {
  EXPECT_FALSE(ParseGroups(*Recorded("*1\r\n*2\r\n+name\r\n+g\r\n").reply));
  EXPECT_FALSE(ParseGroups(*Recorded("+OK\r\n").reply));
  EXPECT_TRUE(ParseGroups(*Recorded("*0\r\n").reply)) << "no groups";
}

TEST(ParseConsumers, TellsNeverFromUnknown) {
  const Recorded before_72(
      "*1\r\n*6\r\n$4\r\nname\r\n$1\r\nc\r\n$7\r\npending\r\n:3\r\n$4\r\nidle\r\n:1500\r\n");
  const auto old = ParseConsumers(*before_72.reply);
  ASSERT_TRUE(old);
  EXPECT_EQ((*old)[0].idle_ms, 1500u);
  EXPECT_EQ((*old)[0].inactive_ms, std::nullopt) << "not told";

  const Recorded from_72(
      "*2\r\n*8\r\n$4\r\nname\r\n$1\r\nc\r\n$7\r\npending\r\n:0\r\n$4\r\nidle\r\n:15\r\n"
      "$8\r\ninactive\r\n:-1\r\n*8\r\n$4\r\nname\r\n$1\r\nd\r\n$7\r\npending\r\n:0\r\n"
      "$4\r\nidle\r\n:15\r\n$8\r\ninactive\r\n:20\r\n");
  const auto consumers = ParseConsumers(*from_72.reply);
  ASSERT_TRUE(consumers);
  ASSERT_TRUE((*consumers)[0].inactive_ms);
  EXPECT_EQ(*(*consumers)[0].inactive_ms, std::nullopt) << "-1: it never got anything";
  EXPECT_EQ(**(*consumers)[1].inactive_ms, 20u);
}

TEST(ParseOldestPending, TellsTheFirstRow) {
  const auto oldest =
      ParseOldestPending(*Recorded("*1\r\n*4\r\n$3\r\n1-0\r\n$1\r\nc\r\n:2500\r\n:7\r\n").reply);
  ASSERT_TRUE(oldest);
  ASSERT_TRUE(*oldest);
  EXPECT_EQ((*oldest)->id, (EntryId{1, 0}));
  EXPECT_EQ((*oldest)->idle_ms, 2500u);
  EXPECT_EQ((*oldest)->deliveries, 7u);
  EXPECT_TRUE((*oldest)->owned);
}

TEST(ParseOldestPending, AnEntryWithoutAnOwnerHasNoDeliveryTime) {
  const auto oldest = ParseOldestPending(
      *Recorded("*1\r\n*4\r\n$3\r\n1-0\r\n$0\r\n\r\n:1763971200000\r\n:7\r\n").reply);
  ASSERT_TRUE(oldest);
  EXPECT_FALSE((*oldest)->owned);
}

TEST(ParseOldestPending, NothingPendingIsNoError) {
  const auto oldest = ParseOldestPending(*Recorded("*0\r\n").reply);
  ASSERT_TRUE(oldest);
  EXPECT_EQ(*oldest, std::nullopt);
}

TEST(ParseRange, CountsAndKeepsTheEnds) {
  const auto range = ParseRange(*Recorded("*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n+f\r\n+v\r\n"
                                          "*2\r\n$3\r\n4-2\r\n*2\r\n+f\r\n+v\r\n",
                                          kXrangeDepth)
                                     .reply);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->count, 2u);
  EXPECT_EQ(range->first, (EntryId{1, 0}));
  EXPECT_EQ(range->last, (EntryId{4, 2}));
  EXPECT_EQ(ParseRange(*Recorded("*0\r\n").reply)->count, 0u);
  EXPECT_FALSE(ParseRange(*Recorded("*1\r\n:1\r\n").reply));
}

TEST(ParseTime, KeepsMicroseconds) {
  const auto time = ParseTime(*Recorded("*2\r\n$10\r\n1700000000\r\n$6\r\n123456\r\n").reply);
  ASSERT_TRUE(time);
  EXPECT_EQ(time->time_since_epoch().count(), 1'700'000'000'123'456);
  EXPECT_FALSE(ParseTime(*Recorded("*1\r\n:1\r\n").reply));
}

}  // namespace
}  // namespace streamgauge
