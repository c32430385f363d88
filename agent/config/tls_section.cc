#include <algorithm>

#include "config/sections.h"

namespace streamgauge {
namespace {

void ReadKeys(Section& section, TlsClientConfig& tls) {
  section.ReadPath("ca_file", tls.ca_file);
  section.ReadPath("cert_file", tls.cert_file);
  section.ReadPath("key_file", tls.key_file);
  section.Read("server_name", tls.server_name);
  section.Read("insecure_skip_verify", tls.insecure_skip_verify);
  if (tls.key_file.empty() && !tls.cert_file.empty()) {
    section.Require("key_file", "the private key of the certificate in cert_file");
  }
  if (tls.cert_file.empty() && !tls.key_file.empty()) {
    section.Require("cert_file", "the certificate of the key in key_file");
  }
  if (tls.insecure_skip_verify && !tls.ca_file.empty()) {
    section.Fail("insecure_skip_verify", "nothing is verified then; leave it or ca_file out");
  }
}

bool IsGiven(const TlsClientConfig& tls) { return tls != TlsClientConfig(); }

// REQUIRES: all addresses have TLS, or none.
void JudgeSentinels(Section& target, Section& sentinel, RedisTargetConfig& config) {
  const bool sentinels_have_it = config.addresses[0].tls;
  const bool own = IsGiven(config.sentinel.tls);
  if (own && !sentinels_have_it) {
    sentinel.Fail("tls",
                  "the sentinels' redis:// is without TLS: write rediss://, or leave it out");
  }
  if (IsGiven(config.tls) && !config.sentinel.primary_tls) {
    if (!sentinels_have_it) {
      target.Fail("tls",
                  "redis:// is without TLS: write rediss://, or sentinel.primary_tls: true where "
                  "the primary alone speaks TLS, or leave it out");
    } else if (own) {
      target.Fail("tls",
                  "the sentinels have a tls of their own, and the primary is without "
                  "(sentinel.primary_tls: false): leave it out");
    }
  }
  if (sentinels_have_it && !own) config.sentinel.tls = config.tls;
}

}  // namespace

void ReadTlsClient(Section& section, TlsClientConfig& tls) {
  Section keys = section.Child("tls");
  ReadKeys(keys, tls);
  keys.Finish();
}

void JudgeTls(Section& target, Section& sentinel, RedisTargetConfig& config) {
  if (config.addresses.empty()) return;
  const auto with_tls = std::ranges::count_if(config.addresses, &RedisAddress::tls);
  if (with_tls > 0 && static_cast<std::size_t>(with_tls) < config.addresses.size()) {
    target.Fail("address", "some addresses have TLS (rediss://) and some have not");
  } else if (config.mode == RedisMode::kSentinel) {
    JudgeSentinels(target, sentinel, config);
  } else if (with_tls == 0 && IsGiven(config.tls)) {
    const bool socket = !config.addresses[0].socket.empty();
    target.Fail("tls", socket ? "a Unix socket has no TLS: leave it out"
                              : "redis:// is without TLS: write rediss://, or leave it out");
  }
}

}  // namespace streamgauge
