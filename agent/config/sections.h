// One reader for each section of the configuration file. They fill in what is there, leave defaults
// where nothing is, and report problems to the section's scope.
#pragma once

#include <vector>

#include "config/config.h"
#include "config/section.h"

namespace streamgauge {

void ReadHttp(Section section, HttpConfig& config);
void ReadLog(Section section, LogConfig& config);
void ReadSignals(Section section, SignalsConfig& config);
void ReadShard(Section section, Shard& shard);
void ReadFilter(Section section, NameFilter& filter);

// What the file says for all targets.
struct TargetDefaults {
  Duration poll_interval{};  // of those without their own
  Shard shard;
};
std::vector<TargetConfig> ReadTargets(Section& root, const TargetDefaults& defaults);
// REQUIRES: `section` is the target's; its common keys are read elsewhere.
void ReadRedis(Section& section, RedisTargetConfig& config);
// The key tls of a section.
void ReadTlsClient(Section& section, TlsClientConfig& tls);
// Who of a Redis target is spoken to by TLS, and as `tls` or `sentinel.tls` says. REQUIRES: all of
// these keys have been read.
void JudgeTls(Section& target, Section& sentinel, RedisTargetConfig& config);
void ReadKafka(Section& section, KafkaTargetConfig& config);

std::vector<Objective> ReadObjectives(Section& root, const std::vector<TargetConfig>& targets);

}  // namespace streamgauge
