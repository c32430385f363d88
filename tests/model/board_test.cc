#include "model/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace streamgauge {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

const SteadyTime kNow{seconds(1000)};

std::shared_ptr<TargetView> Target(const std::string& name) {
  auto view = std::make_shared<TargetView>();
  view->name = name;
  view->up = true;
  return view;
}

std::shared_ptr<TargetView> TargetThatExpires(SteadyTime when) {
  auto view = Target("a");
  view->report = std::make_shared<const Report>();
  view->expires = when;
  return view;
}

std::vector<std::string> Names(const BoardView& view) {
  std::vector<std::string> names;
  for (const TargetViewRef& target : view.targets) names.push_back(target->name);
  return names;
}

TEST(BoardTest, ATargetIsReplacedWhereItStands) {
  Board board;
  board.Publish(Target("a"));
  board.Publish(Target("b"));
  const TargetViewRef newer = Target("a");
  board.Publish(newer);
  EXPECT_THAT(Names(board.View()), ElementsAre("a", "b"));
  EXPECT_EQ(board.View().targets[0], newer);
}

TEST(BoardTest, ArrangingOrdersAndForgets) {
  Board board;
  for (const char* name : {"a", "b", "c"}) board.Publish(Target(name));
  board.Arrange({"c", "a", "never seen"});
  EXPECT_THAT(Names(board.View()), ElementsAre("c", "a"));
  board.Arrange({});
  EXPECT_THAT(Names(board.View()), IsEmpty());
}

TEST(BoardTest, EveryChangeIsANewVersion) {
  Board board;
  EXPECT_EQ(board.View().version, 0U) << "nothing was ever published";
  board.Publish(Target("a"));
  const std::uint64_t first = board.View().version;
  EXPECT_GT(first, 0U);
  EXPECT_EQ(board.View().version, first) << "looking changes nothing";
  board.Publish(Target("a"));
  const std::uint64_t second = board.View().version;
  EXPECT_GT(second, first);
  board.Arrange({"a"});
  EXPECT_GT(board.View().version, second);
}

TEST(BoardTest, AViewStaysAsItWas) {
  Board board;
  board.Publish(Target("a"));
  const BoardView view = board.View();
  board.Arrange({});
  EXPECT_THAT(Names(view), ElementsAre("a"));
}

TEST(BoardTest, AReportIsShownUntilItExpires) {
  Board board;
  board.Publish(TargetThatExpires(kNow + seconds(30)));
  const BoardView before = board.View(kNow + seconds(29));
  EXPECT_NE(before.targets[0]->report, nullptr);
  EXPECT_TRUE(before.targets[0]->up);
  EXPECT_EQ(before.version, board.View(kNow).version);

  const BoardView after = board.View(kNow + seconds(30));
  EXPECT_EQ(after.targets[0]->report, nullptr);
  EXPECT_FALSE(after.targets[0]->up) << "no poll has ended for so long";
  ASSERT_TRUE(after.targets[0]->error);
  EXPECT_EQ(after.targets[0]->error->reason, Reason::kTimeout);
  EXPECT_GT(after.version, before.version) << "a page made before must not be served";
  EXPECT_EQ(board.View(kNow + seconds(31)).version, after.version) << "it expires once";
}

TEST(BoardTest, TheErrorOfAFailingTargetIsKeptWhenItsReportExpires) {
  Board board;
  auto view = TargetThatExpires(kNow);
  view->error = Error{Reason::kUnauthorized, "no"};
  board.Publish(view);
  EXPECT_EQ(board.View(kNow).targets[0]->error->reason, Reason::kUnauthorized);
}

TEST(BoardTest, ReadersAndWritersMayMeet) {
  Board board;
  std::vector<std::jthread> writers;
  for (const char* name : {"a", "b"}) {
    writers.emplace_back([&board, name] {
      for (int i = 0; i < 1000; ++i) board.Publish(Target(name));
    });
  }
  std::uint64_t version = 0;
  while (version < 2000) {
    const BoardView view = board.View();
    EXPECT_GE(view.version, version);
    version = view.version;
    for (const TargetViewRef& target : view.targets) EXPECT_TRUE(target->up);
  }
}

}  // namespace
}  // namespace streamgauge
