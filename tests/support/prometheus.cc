#include "support/prometheus.h"

#include <cctype>
#include <stdexcept>

#include "support/loopback.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::seconds;

std::string Loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// 'a', 'b', in single quotes of YAML.
template <typename Items, typename ToText>
std::string Quoted(const Items& items, ToText to_text) {
  std::string list;
  for (const auto& item : items) list += (list.empty() ? "'" : ", '") + to_text(item) + "'";
  return list;
}

std::string Configuration(const PrometheusOptions& options) {
  std::string text = "global: {scrape_interval: " + options.interval +
                     ", scrape_timeout: " + options.interval +
                     ", evaluation_interval: " + options.interval + "}\n";
  text += "rule_files: [" + Quoted(options.rules, [](const auto& path) { return path.string(); }) +
          "]\n";
  text += "scrape_configs:\n  - job_name: streamgauge\n    static_configs: [{targets: [" +
          Quoted(options.agents, Loopback) + "]}]\n";
  if (options.alertmanager) {
    text += "alerting: {alertmanagers: [{static_configs: [{targets: ['" +
            Loopback(*options.alertmanager) + "']}]}]}\n";
  }
  return text;
}

std::string PercentEncoded(const std::string& text) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      encoded += c;
    } else {
      encoded.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
  }
  return encoded;
}

}  // namespace

bool Prometheus::Available() { return FindProgram("prometheus").has_value(); }

Prometheus::Prometheus(const PrometheusOptions& options) : port_(FreePort()) {
  const auto config = dir_.Write("prometheus.yml", Configuration(options));
  process_ = std::make_unique<Process>(ProcessOptions{
      .argv = {"prometheus", "--config.file=" + config.string(),
               "--storage.tsdb.path=" + (dir_.path() / "data").string(),
               "--web.listen-address=" + Loopback(port_), "--log.level=warn",
               // An alert that is not repeated for four times this long counts as resolved: long
               // enough for a pause of a busy machine, whatever the interval.
               "--rules.alert.resend-delay=5s"},
      .env = {},
      .cwd = {}});
  const auto settled = [this] { return !process_->Running() || Get("/-/ready").status == 200; };
  if (!WaitFor(settled, seconds(60)) || !process_->Running()) {
    throw std::runtime_error("prometheus does not start:\n" + OutputTail());
  }
}

std::string Prometheus::Query(const std::string& expression) const {
  return Get("/api/v1/query?query=" + PercentEncoded(expression)).body;
}

}  // namespace streamgauge::test
