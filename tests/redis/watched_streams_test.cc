#include "redis/watched_streams.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace streamgauge {
namespace {

FoundNamesRef Found(std::initializer_list<const char*> names) {
  auto found = std::make_shared<FoundNames>(100);
  for (const char* name : names) found->Add(name);
  return found;
}

std::vector<std::string> Names(const WatchedStreams& watched) {
  std::vector<std::string> names;
  for (const StreamState* stream : watched.streams()) names.emplace_back(stream->name->text());
  return names;
}

using NameList = std::vector<std::string>;

TEST(WatchedStreams, AreThoseOfAllNodesEachOnce) {
  WatchedStreams watched(100);
  watched.Take({Found({"b", "literal"}), Found({"a", "literal"})});
  EXPECT_EQ(Names(watched), (NameList{"a", "b", "literal"}));
}

TEST(WatchedStreams, AreWatchedUntilTheyAreKnownToBeGone) {
  WatchedStreams watched(100);
  watched.Take({Found({"a"}), Found({"b"})});
  StreamState* a = watched.streams()[0];
  a->last_poll = 1;
  watched.Take({Found({}), Found({"b"})});
  EXPECT_EQ(Names(watched), (NameList{"a", "b"})) << "it may be on its way to the other node";
  EXPECT_EQ(watched.streams()[0], a);
  a->gone = true;
  watched.Take({Found({}), Found({"b"})});
  EXPECT_EQ(Names(watched), (NameList{"b"}));
}

TEST(WatchedStreams, ThatWereNeverReadGoWithTheirNames) {
  WatchedStreams watched(100);
  watched.Take({Found({"a"})});
  watched.Take({Found({})});
  EXPECT_TRUE(watched.streams().empty());
}

TEST(WatchedStreams, OverTheLimitAreCountedOverAllNodes) {
  WatchedStreams watched(2);
  watched.Take({Found({"a", "d"}), Found({"b", "c"})});
  EXPECT_EQ(Names(watched), (NameList{"a", "b"}));
  EXPECT_EQ(watched.over_limit(), 2u);
}

TEST(WatchedStreams, KeepTheirStateWhereverTheyAreFound) {
  WatchedStreams watched(100);
  watched.Take({Found({"a"}), Found({})});
  StreamState* a = watched.streams()[0];
  a->incarnation = 7;
  a->last_poll = 150;
  watched.Take({Found({}), Found({"a"})});
  EXPECT_EQ(watched.streams()[0], a);
  a->gone = true;
  watched.Take({Found({})});
  watched.Forget(100);
  watched.Take({Found({"a"})});
  EXPECT_EQ(watched.streams()[0]->incarnation, 7u) << "seen since";
  watched.Take({Found({})});
  watched.Forget(200);
  watched.Take({Found({"a"})});
  EXPECT_EQ(watched.streams()[0]->incarnation, 0u) << "forgotten";
}

// A node of a cluster that is away for long: the others are polled on.
TEST(WatchedStreams, KeepTheGroupsThatTheyHadWhenTheyWereLastRead) {
  WatchedStreams watched(100);
  watched.Take({Found({"a"})});
  StreamState* a = watched.streams()[0];
  a->last_poll = 50;
  a->groups["stays"].last_poll = 50;
  a->groups["goes"].last_poll = 49;
  watched.Forget(49);
  EXPECT_EQ(a->groups.size(), 2u);
  watched.Forget(300);
  EXPECT_EQ(a->groups.size(), 1u);
  EXPECT_TRUE(a->groups.contains("stays")) << "nobody can tell that it is gone";
  a->last_poll = 400;
  watched.Forget(300);
  EXPECT_TRUE(a->groups.empty()) << "it was looked for, and is not there";
}

}  // namespace
}  // namespace streamgauge
