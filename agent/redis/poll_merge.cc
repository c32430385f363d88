#include "redis/poll_merge.h"

#include <iterator>
#include <string>
#include <vector>

namespace streamgauge {

void PollMerge::Add(NodeReading part) {
  Reading& reading = part.reading;
  const auto first_stream = static_cast<std::uint32_t>(whole_.streams.size());
  whole_.time = reading.time;
  AddVersion(reading.version);
  whole_.streams.insert(whole_.streams.end(), std::move_iterator(reading.streams.begin()),
                        std::move_iterator(reading.streams.end()));
  AddGroups(std::move(reading.groups), first_stream);
  for (const SkippedItems& items : reading.skipped) Skip(items.kind, items.reason, items.count);
  errors_.Add(part.errors);
}

// Nodes have different versions while they are upgraded one by one.
void PollMerge::AddVersion(const std::string& version) {
  if (version.empty() || whole_.version.find(version) != std::string::npos) return;
  if (!whole_.version.empty()) whole_.version += ',';
  whole_.version += version;
}

// Each node keeps to the limit; together they may have more.
void PollMerge::AddGroups(std::vector<GroupReading> groups, std::uint32_t first_stream) {
  for (GroupReading& group : groups) {
    if (whole_.groups.size() == max_groups_) {
      Skip("group", "limit", 1);
      continue;
    }
    group.stream += first_stream;
    whole_.groups.push_back(std::move(group));
  }
}

void PollMerge::AddFailure(const Error& error) {
  errors_.Note(error);
  Skip("node", ToString(error.reason), 1);
}

void PollMerge::Skip(std::string_view kind, std::string_view reason, std::uint64_t count) {
  if (count > 0) skipped_[{kind, reason}] += count;
}

Reading PollMerge::Take() {
  for (const auto& [what, count] : skipped_) {
    whole_.skipped.push_back({what.first, what.second, count});
  }
  return std::move(whole_);
}

}  // namespace streamgauge
