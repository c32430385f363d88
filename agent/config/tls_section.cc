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

}  // namespace

void ReadTlsClient(Section& target, RedisTargetConfig& config) {
  Section section = target.Child("tls");
  ReadKeys(section, config.tls);
  section.Finish();
  const auto with_tls = std::ranges::count_if(config.addresses, &RedisAddress::tls);
  if (with_tls > 0 && static_cast<std::size_t>(with_tls) < config.addresses.size()) {
    target.Fail("address", "some addresses have TLS (rediss://) and some have not");
  } else if (with_tls == 0 && !config.addresses.empty() && config.tls != TlsClientConfig()) {
    const bool socket = !config.addresses[0].socket.empty();
    target.Fail("tls", socket ? "a Unix socket has no TLS: leave it out"
                              : "redis:// is without TLS: write rediss://, or leave it out");
  }
}

}  // namespace streamgauge
