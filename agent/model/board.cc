#include "model/board.h"

#include <algorithm>
#include <utility>

namespace streamgauge {
namespace {

// The view of a target of which nothing was heard until its report expired.
TargetViewRef WithoutReport(const TargetView& view) {
  auto expired = std::make_shared<TargetView>(view);
  expired->report = nullptr;
  expired->up = false;
  if (!expired->error) {
    expired->error = Error{Reason::kTimeout, "no poll has ended since the last figures expired"};
  }
  return expired;
}

}  // namespace

void Board::Publish(TargetViewRef view) {
  const std::lock_guard lock(mutex_);
  ++view_.version;
  const auto same = std::ranges::find_if(
      view_.targets, [&](const TargetViewRef& other) { return other->name == view->name; });
  if (same != view_.targets.end()) {
    *same = std::move(view);
  } else {
    view_.targets.push_back(std::move(view));
  }
}

void Board::Arrange(const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  ++view_.version;
  std::vector<TargetViewRef> arranged;
  for (const std::string& name : names) {
    const auto found = std::ranges::find_if(
        view_.targets, [&](const TargetViewRef& view) { return view->name == name; });
    if (found != view_.targets.end()) arranged.push_back(*found);
  }
  view_.targets = std::move(arranged);
}

BoardView Board::View(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  for (TargetViewRef& view : view_.targets) {
    if (!view->report || now < view->expires) continue;
    view = WithoutReport(*view);
    ++view_.version;
  }
  return view_;
}

}  // namespace streamgauge
