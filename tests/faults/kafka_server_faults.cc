// What becomes of a broker, its topics and groups, and of the agent that reads it.
#include <fmt/format.h>
#include <sys/resource.h>

#include <stdexcept>

#include "faults/kafka_scene.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

constexpr int kManyTopics = 2000;
// Longer than the agent keeps figures: what is still there then, it holds to be true.
constexpr auto kLongerThanStale = 4000ms;

// A file can grow no more: to a broker the same as a full disk. It ends when it notices, with the
// next record.
void FillDisk(KafkaScene& scene) {
  KafkaClient client = scene.broker.Connect();
  const std::string filler = "filler-" + scene.world->prefix();
  client.CreateTopic(filler);
  const rlimit nothing{1, RLIM_INFINITY};
  if (prlimit(scene.broker.pid(), RLIMIT_FSIZE, &nothing, nullptr) != 0) {
    throw std::runtime_error("prlimit");
  }
  // It waits for an answer, which comes when the broker is there again.
  scene.background = std::jthread([client = std::move(client), filler]() mutable {
    try {
      client.Produce(filler, 0, 1);
    } catch (const std::runtime_error&) {
    }
  });
  if (!WaitFor([&] { return !scene.broker.Running(); }, 30s)) {
    throw std::runtime_error("the disk is not full");
  }
}

std::vector<std::string> ManyTopics(const KafkaScene& scene) {
  std::vector<std::string> names;
  for (int i = 0; i < kManyTopics; ++i) {
    names.push_back(fmt::format("{}many-{}", scene.world->prefix(), i));
  }
  return names;
}

KafkaFault ClockJump(const std::string& name, const std::string& injected,
                     std::chrono::milliseconds ahead) {
  return {.facts = {.name = name,
                    .injected = injected,
                    .seen = "up, or down for a poll; ages of records that were there before the "
                            "agent looked are by its clock; the others, and all else, are not",
                    .reasons = {"timeout"},
                    .passes = true,
                    .may_go_unnoticed = true},
          .begin =
              [ahead](KafkaScene& scene) {
                scene.clock.SetAhead(ahead);
                scene.world->AgentClockIsAhead(ahead);
              },
          .end =
              [](KafkaScene& scene) {
                scene.clock.SetAhead(0ms);
                scene.world->AgentClockIsAhead(0ms);
              },
          .clock = ClockOf::kAgent};
}

void KillBroker(KafkaScene& scene) { scene.broker.Kill(); }
void StartBroker(KafkaScene& scene) { scene.broker.Start(); }
void CommitAsBefore(KafkaScene& scene) { scene.world->CommitOnQuiet(KafkaWorld::kQuietCommit); }

}  // namespace

std::vector<KafkaFault> KafkaServerFaults() {
  return {
      {.facts = {.name = "broker: paused",
                 .injected = "SIGSTOP, SIGCONT",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent(),
                 .world_rests = true},
       .begin = [](KafkaScene& scene) { scene.broker.Pause(); },
       .end = [](KafkaScene& scene) { scene.broker.Resume(); }},
      {.facts = {.name = "broker: killed, started again",
                 .injected = "SIGKILL",
                 .seen = "down, `unavailable`",
                 .reasons = GoneOrSilent(),
                 .world_rests = true},
       .begin = KillBroker,
       .end = StartBroker},
      {.facts = {.name = "broker: restarted",
                 .injected = "SIGTERM: it closes its logs",
                 .seen = "down, `unavailable`",
                 .reasons = GoneOrSilent(),
                 .world_rests = true},
       .begin = [](KafkaScene& scene) { scene.broker.Stop(); },
       .end = StartBroker},
      {.facts = {.name = "broker: disk full",
                 .injected = "its files can grow no more (RLIMIT_FSIZE), and it ends itself with "
                             "the next record; started again with room",
                 .seen = "down, `unavailable`",
                 .reasons = GoneOrSilent(),
                 .world_rests = true},
       .begin = FillDisk,
       // The record that waits may take a while to be sent again: the world does not wait for it.
       .end = [](KafkaScene& scene) { scene.broker.Start(); }},
      {.facts = {.name = "content: a group is deleted",
                 .injected = "DeleteGroups; a new commit makes it again",
                 .seen = "up; its series go",
                 .lasts = kLongerThanStale},
       .begin = [](KafkaScene& scene) { scene.world->DeleteGroupOfQuiet(); },
       .end = CommitAsBefore},
      {.facts = {.name = "content: offsets are set back",
                 .injected = "committed at the beginning by hand, later where they were",
                 .seen = "up; the higher lag, `rewound`",
                 .lasts = kLongerThanStale},
       .begin = [](KafkaScene& scene) { scene.world->CommitOnQuiet(0); },
       .end = CommitAsBefore},
      {.facts = {.name = "content: offsets beyond the end",
                 .injected = "committed 100 beyond the end by hand, later where they were",
                 .seen = "up; no lag, `rewound`",
                 .lasts = kLongerThanStale},
       .begin = [](KafkaScene& scene) { scene.world->CommitOnQuiet(102); },
       .end = CommitAsBefore},
      {.facts = {.name = "content: a topic is made anew",
                 .injected = "deleted and created again at once, with as many records as before; "
                             "its group commits later",
                 .seen = "up; no lag before the next commit",
                 .lasts = kLongerThanStale},
       .begin = [](KafkaScene& scene) { scene.world->MakeQuietAnew(); },
       .end = CommitAsBefore},
      ClockJump("agent: clock jumps ahead", "its clock is set an hour ahead, and back", 1h),
      ClockJump("agent: clock jumps back", "its clock is set an hour back, and ahead", -1h),
      ClockJump("agent: clock jumps a little", "its clock is set 8 s ahead, and back", 8s),
      {.facts = {.name = "content: 2,000 new topics",
                 .injected = "created in one request, deleted in another",
                 .seen = "up, or down for a poll, `timeout`, while the broker is busy with them",
                 .reasons = GoneOrSilent(),
                 .passes = true,
                 .may_go_unnoticed = true,
                 .lasts = 33s,  // the list of topics is read every 30 s
                 .rss_growth_kib = 32768},
       .begin = [](KafkaScene& scene) { scene.broker.Connect().CreateTopics(ManyTopics(scene)); },
       .end = [](KafkaScene& scene) { scene.broker.Connect().DeleteTopics(ManyTopics(scene)); },
       .expect =
           [](const MetricsPage& page) {
             const std::size_t found = page.Find("streamgauge_stream_length").size();
             return found >= kManyTopics ? "" : fmt::format("only {} topics are there", found);
           }},
  };
}

std::vector<KafkaFault> KafkaNameFaults() {
  return {
      {.facts = {.name = "DNS: the name is gone",
                 .injected = "the brokers' name does not exist, connections are reset",
                 .seen = "down, `unavailable`",
                 .reasons = GoneOrSilent()},
       .begin =
           [](KafkaScene& scene) {
             scene.names.Vanish();
             scene.proxy->ResetAll();
           },
       .end = [](KafkaScene& scene) { scene.names.ResolveTo("127.0.0.1"); }},
      {.facts = {.name = "DNS: no answer",
                 .injected =
                     "a look-up is not answered before the name server is back; connections "
                     "are reset",
                 .seen = "down, `timeout`",
                 .reasons = GoneOrSilent()},
       .begin =
           [](KafkaScene& scene) {
             scene.names.FallSilent();
             scene.proxy->ResetAll();
           },
       .end = [](KafkaScene& scene) { scene.names.ResolveTo("127.0.0.1"); }},
  };
}

}  // namespace streamgauge::test
