// What happens to the agent itself.
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <stdexcept>

#include "faults/redis_scene.h"
#include "model/time.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

void LimitDescriptors(RedisScene& scene, rlim_t most) {
  rlimit limit{};
  const pid_t agent = scene.agent->process().pid();
  if (prlimit(agent, RLIMIT_NOFILE, nullptr, &limit) != 0) throw std::runtime_error("prlimit");
  limit.rlim_cur = std::min(most, limit.rlim_max);
  if (prlimit(agent, RLIMIT_NOFILE, &limit, nullptr) != 0) throw std::runtime_error("prlimit");
}

RedisFault ClockJump(const std::string& name, const std::string& injected,
                     std::chrono::milliseconds ahead) {
  return {.facts = {.name = name,
                    .injected = injected,
                    .seen = "up, nothing else: polls, `stale_after` and the ages of Redis do not "
                            "go by it, only `poll_last_success_timestamp_seconds` does"},
          .begin = [ahead](RedisScene& scene) { scene.clock.SetAhead(ahead); },
          .end = [](RedisScene& scene) { scene.clock.SetAhead(0ms); },
          .expect =
              [ahead](const MetricsPage& page) {
                const double shown = page.Sum("streamgauge_poll_last_success_timestamp_seconds") -
                                     ToUnixSeconds(WallNow());
                const double wanted = ToSeconds(ahead);
                return std::abs(shown - wanted) < 3 ? "" : "the agent's clock was not set";
              },
          .clock = ClockOf::kAgent};
}

}  // namespace

std::vector<RedisFault> AgentFaults() {
  return {
      {.facts = {.name = "agent: no descriptors left",
                 .injected = "RLIMIT_NOFILE below what it has open, and its connection killed",
                 .seen = "no page; nothing is said until there are some again",
                 .reasons = {"unavailable"},
                 .passes = true,
                 .unanswered = true},
       .begin =
           [](RedisScene& scene) {
             LimitDescriptors(scene, 3);
             scene.DropAgent();
           },
       .end = [](RedisScene& scene) { LimitDescriptors(scene, 1024); }},
      {.facts = {.name = "agent: disk full for its log",
                 .injected = "stderr is /dev/full; connections refused, so that it has to log",
                 .seen = "no log; down, `unavailable`, as ever",
                 .reasons = {"unavailable"}},
       .begin =
           [](RedisScene& scene) {
             scene.proxy.Refuse();
             scene.proxy.ResetAll();
           },
       .end = [](RedisScene& scene) { scene.proxy.Heal(); },
       .log_file = "/dev/full"},
      ClockJump("agent: clock jumps ahead", "its clock is set an hour ahead, and back", 1h),
      ClockJump("agent: clock jumps back", "its clock is set an hour back, and ahead", -1h),
      ClockJump("agent: clock jumps a little", "its clock is set 8 s ahead, and back", 8s),
      {.facts = {.name = "agent: paused",
                 .injected = "SIGSTOP for longer than stale_after, SIGCONT",
                 .seen = "no page; after it, no figure that is older than stale_after",
                 .reasons = {"unavailable", "timeout"},
                 .passes = true,
                 .unanswered = true,
                 .lasts = 2000ms},
       .begin = [](RedisScene& scene) { scene.agent->process().Pause(); },
       .end = [](RedisScene& scene) { scene.agent->process().Signal(SIGCONT); }},
  };
}

}  // namespace streamgauge::test
