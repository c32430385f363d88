#include "once.h"

#include <atomic>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "command_line.h"
#include "metrics/agent_metrics.h"
#include "metrics/exposition.h"
#include "model/board.h"
#include "poller.h"
#include "version.h"

namespace streamgauge {

int RunOnce(const Config& config, const SourceFactory& make_source, std::ostream& out) {
  Board board;
  AgentMetrics agent_metrics(Version(), Revision());
  agent_metrics.ConfigReloaded(true, WallNow());
  std::vector<std::unique_ptr<Poller>> pollers;
  pollers.reserve(config.targets.size());
  for (const TargetConfig& target : config.targets) {
    pollers.push_back(MakePoller(target, config, make_source, agent_metrics, board));
  }
  std::atomic<bool> failed = false;
  {
    std::vector<std::jthread> threads;
    threads.reserve(pollers.size());
    for (const auto& poller : pollers) {
      // Never told to stop: leaving this block waits for them all.
      threads.emplace_back([&] {
        if (!poller->PollOnce(std::stop_token())) failed = true;
      });
    }
  }
  Exposition exposition(board, agent_metrics);
  exposition.Write(ExpositionFormat::kPrometheusText, [&out](std::string_view chunk) {
    out << chunk;
    return out.good();
  });
  out.flush();
  return failed || !out ? kExitFailed : kExitFine;
}

}  // namespace streamgauge
