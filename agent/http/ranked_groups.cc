#include "http/ranked_groups.h"

#include <algorithm>

namespace streamgauge {

std::vector<RankedGroup> RankGroups(const BoardView& view,
                                    const std::function<bool(const RankedGroup&)>& wanted) {
  std::vector<RankedGroup> groups;
  for (const TargetViewRef& target : view.targets) {
    if (!target->report) continue;
    for (std::size_t i = 0; i < target->report->reading.groups.size(); ++i) {
      RankedGroup group{target.get(), i, {}};
      group.severity = SeverityOf(group.reading(), group.signals());
      if (wanted(group)) groups.push_back(group);
    }
  }
  std::ranges::stable_sort(groups, IsWorse, &RankedGroup::severity);
  return groups;
}

}  // namespace streamgauge
