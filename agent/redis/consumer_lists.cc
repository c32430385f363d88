#include "redis/consumer_lists.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "redis/poll_work.h"

namespace streamgauge {
namespace {

constexpr Duration kListEvery = std::chrono::seconds(30);
constexpr Duration kOldestList = std::chrono::minutes(2);
// Of the lists that are usable, this many at least and at most are renewed in one poll.
constexpr double kLeastRenewed = 500;
constexpr double kMostRenewed = 10'000;

// How many of `usable` lists have to be renewed now, so that all of them have been in kListEvery.
std::size_t CountRenewed(std::size_t usable, std::optional<Duration> since_last_poll) {
  const Duration elapsed =
      std::clamp(since_last_poll.value_or(kListEvery), Duration(0), kListEvery);
  const double share = ToSeconds(elapsed) / ToSeconds(kListEvery);
  const double wanted = std::ceil(static_cast<double>(usable) * share);
  return std::min(usable,
                  static_cast<std::size_t>(std::clamp(wanted, kLeastRenewed, kMostRenewed)));
}

}  // namespace

bool IsUsable(const std::optional<ConsumerList>& list, std::uint64_t consumers, WallTime now) {
  return list && list->members == consumers && list->at <= now && now - list->at <= kOldestList;
}

void ChooseLists(PollWork& work, std::uint64_t most_consumers) {
  std::vector<GroupWork*> usable;
  for (GroupWork& group : work.groups) {
    const std::uint64_t consumers = group.moment.group.consumers;
    if (consumers == 0 || consumers > most_consumers) continue;
    if (IsUsable(group.state->list, consumers, *work.time)) {
      usable.push_back(&group);
    } else {
      group.list_consumers = true;
    }
  }
  const std::size_t renewed = CountRenewed(usable.size(), work.since_last_poll);
  const auto end = usable.begin() + static_cast<std::ptrdiff_t>(renewed);
  std::ranges::nth_element(usable, end, {},
                           [](const GroupWork* group) { return group->state->list->at; });
  std::for_each(usable.begin(), end, [](GroupWork* group) { group->list_consumers = true; });
}

}  // namespace streamgauge
