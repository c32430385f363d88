#include "config/target_view.h"

#include <variant>

namespace streamgauge {

TargetView BlankView(const TargetConfig& target) {
  TargetView view;
  view.system = target.system();
  view.name = target.name;
  view.poll_interval = target.poll_interval;
  view.max_series = target.max_series;
  if (const auto* kafka = std::get_if<KafkaTargetConfig>(&target.backbone)) {
    view.partition_detail = kafka->detail == KafkaDetail::kPartition;
  }
  return view;
}

}  // namespace streamgauge
