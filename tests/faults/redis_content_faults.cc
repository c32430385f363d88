// What is in a Redis: other things than streams, too much of something, and what goes meanwhile.
#include <fmt/format.h>

#include <string>

#include "faults/redis_scene.h"

namespace streamgauge::test {
namespace {

using namespace std::chrono_literals;

// A stream beside the world's, for the worse.
constexpr const char* kVictim = "victim";

const Labels kOfVictim = {{"target", kWorldTarget}, {"stream", kVictim}};

// Five entries, of which two are read and pending.
void MakeVictim(RedisClient& client) {
  client.Command({"XGROUP", "CREATE", kVictim, "group", "0", "MKSTREAM"});
  for (int i = 0; i < 5; ++i) client.Command({"XADD", kVictim, "*", "field", "value"});
  client.Command({"XREADGROUP", "GROUP", "group", "worker", "COUNT", "2", "STREAMS", kVictim, ">"});
}

void PrepareVictim(RedisScene& scene) { MakeVictim(scene.admin); }
void DeleteVictim(RedisScene& scene) { scene.admin.Command({"DEL", kVictim}); }

// In steps that block the server for a moment only.
void ForEachOfMany(RedisScene& scene, int count, const std::string& command) {
  constexpr int kStep = 10'000;
  for (int from = 0; from < count; from += kStep) {
    scene.admin.Command({"EVAL", "for i = ARGV[1], ARGV[2] do " + command + " end", "0",
                         std::to_string(from), std::to_string(from + kStep - 1)});
  }
}

void ReplaceByHugeEntries(RedisScene& scene) {
  DeleteVictim(scene);
  const std::string huge(std::size_t{50} << 20, 'x');
  for (int i = 0; i < 2; ++i) scene.admin.Command({"XADD", kVictim, "*", "field", huge});
}

std::string VictimIsGone(const MetricsPage& page) {
  if (page.Find("streamgauge_stream_length", kOfVictim).empty()) return "";
  return "a stream that is none any more is still on the page";
}

// Deleted and made anew at that moment of every poll, for as long as the fault lasts.
void DeleteBefore(RedisScene& scene, const char* command) {
  scene.proxy.Before(Way::kRequests, command, [&scene, command] {
    RedisClient client = scene.server.Connect();
    client.Command({"DEL", kVictim});
    if (std::string(command) == "XPENDING") return;
    MakeVictim(client);
  });
}

}  // namespace

std::vector<RedisFault> RedisContentFaults() {
  return {
      {.facts = {.name = "content: 100,000 keys of other types",
                 .injected = "strings and hashes beside the streams",
                 .seen = "up, all figures"},
       .begin =
           [](RedisScene& scene) {
             ForEachOfMany(scene, 50'000, "redis.call('SET', 'string:' .. i, i)");
             ForEachOfMany(scene, 50'000, "redis.call('HSET', 'hash:' .. i, 'field', i)");
           },
       .end =
           [](RedisScene& scene) {
             ForEachOfMany(scene, 50'000, "redis.call('UNLINK', 'string:' .. i)");
             ForEachOfMany(scene, 50'000, "redis.call('UNLINK', 'hash:' .. i)");
           }},
      {.facts = {.name = "content: a stream becomes a string",
                 .injected = "DEL, SET under the same key",
                 .seen = "up; the stream's series go, `items_skipped`"},
       .begin = [](RedisScene& scene) { scene.admin.Command({"SET", kVictim, "text"}); },
       .end = DeleteVictim,
       .prepare = PrepareVictim,
       .expect = VictimIsGone},
      {.facts = {.name = "content: a stream goes between two commands",
                 .injected = "DEL between the snapshot and the questions about its groups",
                 .seen = "up; its figures are those of the snapshot, then gone"},
       .begin = [](RedisScene& scene) { DeleteBefore(scene, "XPENDING"); },
       .end = [](RedisScene& scene) { scene.proxy.Heal(); },
       .prepare = PrepareVictim,
       .expect = VictimIsGone},
      {.facts = {.name = "content: 50,000 leaked consumers",
                 .injected = "XGROUP CREATECONSUMER on one group",
                 .seen = "up; its consumers are not listed, `items_skipped`"},
       .begin =
           [](RedisScene& scene) {
             ForEachOfMany(scene, 50'000,
                           "redis.call('XGROUP', 'CREATECONSUMER', 'victim', 'group', "
                           "'consumer-' .. i)");
           },
       .end = DeleteVictim,
       .prepare = PrepareVictim,
       .expect =
           [](const MetricsPage& page) {
             const double skipped =
                 page.Sum("streamgauge_items_skipped", {{"kind", "consumer"}, {"reason", "limit"}});
             if (skipped >= 50'000) return std::string();
             return fmt::format("of 50,001 consumers only {} are counted as skipped", skipped);
           }},
      {.facts = {.name = "content: replies of 100 MB",
                 .injected = "a stream whose first and last entry have 50 MB",
                 .seen = "one poll fails, `bad_reply`; then up, and that stream without its lag",
                 .reasons = {"bad_reply", "timeout"},
                 .passes = true,
                 .lasts = 2500ms},
       .begin = ReplaceByHugeEntries,
       .end = DeleteVictim,
       .prepare = PrepareVictim,
       .expect =
           [](const MetricsPage& page) {
             return page.Value("streamgauge_stream_length", kOfVictim) == 2.0
                        ? ""
                        : "the stream with huge entries is not on the page";
           }},
  };
}

}  // namespace streamgauge::test
