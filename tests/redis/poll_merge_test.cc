#include "redis/poll_merge.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace streamgauge {
namespace {

// A node's streams, each with so many groups.
NodeReading Part(std::initializer_list<std::pair<const char*, int>> streams,
                 const std::string& version = "7.0.15") {
  NodeReading part;
  part.reading.version = version;
  for (const auto& [name, groups] : streams) {
    for (int i = 0; i < groups; ++i) {
      GroupReading& group = part.reading.groups.emplace_back();
      group.stream = static_cast<std::uint32_t>(part.reading.streams.size());
    }
    part.reading.streams.emplace_back().name =
        std::make_shared<const Name>(NameKind::kStream, name);
  }
  return part;
}

std::uint64_t Skipped(const Reading& reading, std::string_view kind, std::string_view reason) {
  std::uint64_t count = 0;
  for (const SkippedItems& items : reading.skipped) {
    if (items.kind != kind || items.reason != reason) continue;
    EXPECT_EQ(count, 0u) << "each kind and reason once";
    count = items.count;
  }
  return count;
}

TEST(PollMerge, GroupsStayWithTheirStreams) {
  PollMerge merge(100);
  merge.Add(Part({{"a", 2}, {"b", 1}}));
  merge.Add(Part({}));
  merge.Add(Part({{"c", 1}}));
  const Reading reading = merge.Take();
  ASSERT_EQ(reading.streams.size(), 3u);
  ASSERT_EQ(reading.groups.size(), 4u);
  EXPECT_EQ(reading.groups[1].stream, 0u);
  EXPECT_EQ(reading.groups[2].stream, 1u);
  EXPECT_EQ(reading.streams[reading.groups[3].stream].name->text(), "c");
}

TEST(PollMerge, TheLimitOfGroupsIsOneForAllNodes) {
  PollMerge merge(3);
  NodeReading first = Part({{"a", 2}});
  first.reading.skipped.push_back({"group", "limit", 5});
  merge.Add(std::move(first));
  merge.Add(Part({{"b", 3}}));
  const Reading reading = merge.Take();
  EXPECT_EQ(reading.groups.size(), 3u);
  EXPECT_EQ(Skipped(reading, "group", "limit"), 7u);
}

TEST(PollMerge, ANodeThatDidNotAnswerIsCountedAndTold) {
  PollMerge merge(100);
  merge.Add(Part({{"a", 1}}));
  merge.AddFailure({Reason::kTimeout, "10.0.0.2:6379: no answer"});
  merge.AddFailure({Reason::kTimeout, "10.0.0.3:6379: no answer"});
  merge.Skip("stream", "timeout", 7);
  merge.Skip("stream", "timeout", 0);
  EXPECT_EQ(merge.errors().tallies().at(Reason::kTimeout).count, 2u);
  EXPECT_EQ(merge.errors().tallies().at(Reason::kTimeout).example, "10.0.0.2:6379: no answer");
  const Reading reading = merge.Take();
  EXPECT_EQ(Skipped(reading, "node", "timeout"), 2u);
  EXPECT_EQ(Skipped(reading, "stream", "timeout"), 7u);
}

TEST(PollMerge, VersionsAreToldWhereTheyDiffer) {
  PollMerge merge(100);
  merge.Add(Part({}, "7.0.15"));
  merge.Add(Part({}, "7.2.4"));
  merge.Add(Part({}, "7.0.15"));
  merge.Add(Part({}, ""));
  EXPECT_EQ(merge.Take().version, "7.0.15,7.2.4");
}

}  // namespace
}  // namespace streamgauge
