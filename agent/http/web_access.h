// How the agent's door is closed, as the web configuration file has it now: read anew when it, a
// certificate or a key has changed, at most once a second and only while somebody comes. What
// cannot be used is logged once and changes nothing: a door that was closed stays so.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "config/problem.h"
#include "config/web_config.h"
#include "http/tls_context.h"
#include "model/time.h"

namespace streamgauge {

struct WebSettings {
  WebConfig config;
  TlsContextRef tls;    // null: plain HTTP
  std::string content;  // of all files that it was made of
};
using WebSettingsRef = std::shared_ptr<const WebSettings>;

// Reads the file and those that it names. An empty path is a door that is open to everyone.
std::expected<WebSettings, ConfigProblems> LoadWebSettings(const std::filesystem::path& file);

// Any thread may use it.
class WebAccess final : public CurrentTlsContext {
 public:
  WebAccess(std::filesystem::path file, WebSettings settings);

  WebSettingsRef Current(SteadyTime now = std::chrono::steady_clock::now());
  TlsContextRef Get() override { return Current()->tls; }

 private:
  void Look();

  const std::filesystem::path file_;
  std::mutex mutex_;
  WebSettingsRef settings_;
  SteadyTime looked_at_{};
  std::string last_problem_;
};

}  // namespace streamgauge
