// What becomes of a Redis server itself.
#include <filesystem>
#include <stdexcept>
#include <string>

#include "faults/redis_scene.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

// A port that nobody listens on.
constexpr const char* kNobody = "1";

void Require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

void DropAndRefuseAgent(RedisScene& scene) {
  scene.admin.Command({"CONFIG", "SET", "maxclients", "2"});  // the world and this connection
  scene.DropAgent();
}

// Blocks the server until SCRIPT KILL; the client gives up at once.
void StartEndlessScript(const RedisScene& scene) {
  RedisClient client(scene.server.port(), 20ms);
  try {
    client.Command({"EVAL", "while true do end", "0"});
  } catch (const std::runtime_error&) {
  }
}

void StopScript(RedisScene& scene) {
  Require(WaitFor([&] { return !scene.admin.TryCommand({"SCRIPT", "KILL"}).IsError(); }, 10s),
          "the script does not end");
  Require(WaitFor([&] { return !scene.admin.TryCommand({"PING"}).IsError(); }, 10s),
          "the server stays busy");
}

void WaitForSave(RedisScene& scene, const std::string& status) {
  const auto ended = [&] {
    const std::string info = scene.admin.Command({"INFO", "persistence"}).text;
    return info.find("rdb_bgsave_in_progress:0") != std::string::npos &&
           info.find("rdb_last_bgsave_status:" + status) != std::string::npos;
  };
  Require(WaitFor(ended, 10s), "the background save does not end as it should");
}

void SaveIntoNowhere(RedisScene& scene) {
  scene.folder = std::make_unique<TempDir>("gone");
  scene.admin.Command({"CONFIG", "SET", "dir", scene.folder->path()});
  std::filesystem::remove_all(scene.folder->path());
  scene.admin.Command({"BGSAVE"});
  WaitForSave(scene, "err");
  Require(scene.admin.TryCommand({"SET", "x", "y"}).text.starts_with("MISCONF"),
          "writes are not refused");
}

void SaveAgain(RedisScene& scene) {
  scene.admin.Command({"CONFIG", "SET", "dir", scene.server.dir()});
  scene.admin.Command({"BGSAVE"});
  WaitForSave(scene, "ok");
}

void FillForSlowLoading(RedisScene& scene) {
  scene.admin.Command({"EVAL",
                       "for i = 1, 2500 do redis.call('SET', 'filler:' .. i, "
                       "string.rep('x', 500)) end",
                       "0"});
}

void KillSaved(RedisScene& scene) {
  scene.world.TotalsMayFallShort();
  scene.admin.Command({"SAVE"});
  scene.server.Kill();
}

RedisFault ClockJump(const std::string& name, const std::string& injected,
                     const std::string& history, std::chrono::milliseconds ahead) {
  return {.facts = {.name = name,
                    .injected = injected,
                    .seen = "up; ages are by the server's clock, and the history for rates and "
                            "verdicts " +
                            history},
          .begin =
              [ahead](RedisScene& scene) {
                scene.clock.SetAhead(ahead);
                scene.world.ClockIsAhead(ahead);
              },
          .end =
              [](RedisScene& scene) {
                scene.clock.SetAhead(0ms);
                scene.world.ClockIsAhead(0ms);
              },
          .clock = ClockOf::kServer};
}

}  // namespace

std::vector<RedisFault> RedisServerFaults() {
  return {
      {.facts = {.name = "server: killed, back empty",
                 .injected = "SIGKILL; started again without its data",
                 .seen = "down, `unavailable`; streams that are made again are found within "
                         "`discovery_interval`, and their totals go on",
                 .reasons = {"unavailable"},
                 .world_rests = true,
                 .polls_until_right = 6},  // four of them for discovery
       .begin =
           [](RedisScene& scene) {
             scene.world.Vanish();
             scene.world.TotalsMayFallShort();
             scene.server.Kill();
           },
       .end =
           [](RedisScene& scene) {
             scene.server.Start();
             scene.world.Reconnect();
             scene.world.Fill();
           }},
      {.facts = {.name = "server: killed, back with its data",
                 .injected = "SIGKILL after SAVE; started again",
                 .seen = "down, `unavailable`",
                 .reasons = {"unavailable"},
                 .world_rests = true},
       .begin = KillSaved,
       .end =
           [](RedisScene& scene) {
             scene.server.Start();
             scene.world.Reconnect();
           }},
      {.facts = {.name = "server: LOADING",
                 .injected = "killed, and started with data that takes seconds to load",
                 .seen = "down, `unavailable`, or `timeout` while it answers nobody",
                 .reasons = {"unavailable", "timeout"},
                 .world_rests = true},
       .begin =
           [](RedisScene& scene) {
             KillSaved(scene);
             scene.server.Launch();
           },
       .end =
           [](RedisScene& scene) {
             scene.server.WaitUntilReady();
             scene.world.Reconnect();
           },
       .prepare = FillForSlowLoading,
       .server = {.arguments = {"--key-load-delay", "1500",
                                "--loading-process-events-interval-bytes", "1024"}}},
      {.facts = {.name = "server: paused",
                 .injected = "SIGSTOP, SIGCONT",
                 .seen = "down, `timeout`",
                 .reasons = {"timeout"},
                 .world_rests = true},
       .begin = [](RedisScene& scene) { scene.server.Pause(); },
       .end = [](RedisScene& scene) { scene.server.Resume(); }},
      {.facts = {.name = "server: BUSY with a script",
                 .injected = "a Lua script without an end, SCRIPT KILL",
                 .seen = "down, `timeout` at first, then `unavailable`",
                 .reasons = {"timeout", "unavailable"},
                 .world_rests = true},
       .begin = StartEndlessScript,
       .end = StopScript,
       .server = {.arguments = {"--busy-reply-threshold", "400"}}},
      {.facts = {.name = "server: out of memory",
                 .injected = "maxmemory reached, noeviction: writes are refused",
                 .seen = "up, all figures: reading needs no memory"},
       .begin =
           [](RedisScene& scene) {
             scene.admin.Command({"CONFIG", "SET", "maxmemory", "1"});
             Require(scene.admin.TryCommand({"SET", "x", "y"}).text.starts_with("OOM"),
                     "writes are not refused");
           },
       .end = [](RedisScene& scene) { scene.admin.Command({"CONFIG", "SET", "maxmemory", "0"}); }},
      {.facts = {.name = "server: MISCONF, cannot save",
                 .injected = "its folder is gone, BGSAVE fails: writes are refused",
                 .seen = "up, all figures"},
       .begin = SaveIntoNowhere,
       .end = SaveAgain,
       .server = {.arguments = {"--enable-protected-configs", "yes", "--save", "86400 1000000"}}},
      {.facts = {.name = "server: read-only replica",
                 .injected = "REPLICAOF a primary that is not there; stale data is served",
                 .seen = "down, `unsupported`: give the address of its primary",
                 .reasons = {"unsupported"},
                 .world_rests = true},
       .begin =
           [](RedisScene& scene) {
             scene.world.TotalsMayFallShort();
             scene.admin.Command({"REPLICAOF", "127.0.0.1", kNobody});
           },
       .end = [](RedisScene& scene) { scene.admin.Command({"REPLICAOF", "NO", "ONE"}); }},
      {.facts = {.name = "server: MASTERDOWN",
                 .injected = "the same with replica-serve-stale-data no",
                 .seen = "down, `unsupported`",
                 .reasons = {"unsupported"},
                 .world_rests = true},
       .begin =
           [](RedisScene& scene) {
             scene.world.TotalsMayFallShort();
             scene.admin.Command({"REPLICAOF", "127.0.0.1", kNobody});
           },
       .end = [](RedisScene& scene) { scene.admin.Command({"REPLICAOF", "NO", "ONE"}); },
       .server = {.arguments = {"--replica-serve-stale-data", "no"}}},
      {.facts = {.name = "server: no more clients",
                 .injected = "maxclients reached, and the agent's connection killed",
                 .seen = "down, `unavailable`: raise maxclients",
                 .reasons = {"unavailable"}},
       .begin = DropAndRefuseAgent,
       .end =
           [](RedisScene& scene) { scene.admin.Command({"CONFIG", "SET", "maxclients", "1000"}); }},
      {.facts = {.name = "server: another password",
                 .injected = "requirepass set, and the agent's connection killed",
                 .seen = "down, `unauthorized`, once it has to connect",
                 .reasons = {"unauthorized", "unavailable"}},
       .begin =
           [](RedisScene& scene) {
             scene.admin.Command({"CONFIG", "SET", "requirepass", "other"});
             scene.DropAgent();
           },
       .end = [](RedisScene& scene) { scene.admin.Command({"CONFIG", "SET", "requirepass", ""}); }},
      ClockJump("server: clock jumps ahead", "its clock is set an hour ahead, and back",
                "begins anew", 1h),
      ClockJump("server: clock jumps back", "its clock is set an hour back, and ahead",
                "begins anew", -1h),
      ClockJump("server: clock jumps a little",
                "its clock is set 8 s ahead, and back: less than a window", "goes on", 8s),
  };
}

}  // namespace streamgauge::test
