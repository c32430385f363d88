// Which partition numbers are believed. Tracked topics and groups have one element for each number
// up to the highest: a broker's mistake, or somebody's commit, must not cost all the memory. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kafka/observation.h"

namespace streamgauge::kafka {

// No topic has as many; clusters have some 200,000 in all.
inline constexpr std::int32_t kMaxPartitions = 100'000;

inline bool IsPartitionNumber(std::int32_t number) {
  return number >= 0 && number < kMaxPartitions;
}

// Take out what is about other numbers and return how much that was.
std::size_t DropImpossible(TopicDescription& description);
std::size_t DropImpossible(GroupDescription& description);
std::size_t DropImpossible(GroupOffsets& offsets);

}  // namespace streamgauge::kafka
