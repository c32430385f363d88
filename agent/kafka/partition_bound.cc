#include "kafka/partition_bound.h"

namespace streamgauge::kafka {

std::size_t DropImpossible(TopicDescription& description) {
  return std::erase_if(description.partitions, [](const PartitionDescription& one) {
    return !IsPartitionNumber(one.partition);
  });
}

std::size_t DropImpossible(GroupDescription& description) {
  std::size_t dropped = 0;
  for (TopicAssignment& topic : description.topics) {
    dropped += std::erase_if(topic.partitions,
                             [](std::int32_t number) { return !IsPartitionNumber(number); });
  }
  return dropped;
}

std::size_t DropImpossible(GroupOffsets& offsets) {
  std::size_t dropped = 0;
  for (TopicOffsets& topic : offsets) {
    dropped += std::erase_if(topic.partitions, [](const PartitionOffset& one) {
      return !IsPartitionNumber(one.partition);
    });
  }
  return dropped;
}

}  // namespace streamgauge::kafka
