#include "http/web_access.h"

#include <chrono>
#include <utility>

#include "config/read_file.h"
#include "log/log.h"

namespace streamgauge {
namespace {

constexpr std::chrono::seconds kPace{1};

ConfigProblems Of(const std::filesystem::path& file, std::string path, std::string text) {
  return {{file.string(), 0, std::move(path), std::move(text)}};
}

// The file that the key of tls_server_config names; what goes wrong is a problem of `web_file`.
std::expected<std::string, ConfigProblems> ReadNamed(const std::filesystem::path& web_file,
                                                     std::string_view key,
                                                     const std::filesystem::path& file) {
  if (file.empty()) return std::string();
  auto content = ReadFile(file);
  if (content) return std::move(*content);
  return std::unexpected(Of(web_file, "tls_server_config." + std::string(key),
                            file.string() + ": " + content.error()));
}

std::expected<TlsFiles, ConfigProblems> ReadTlsFiles(const std::filesystem::path& web_file,
                                                     const WebTlsConfig& config) {
  auto cert = ReadNamed(web_file, "cert_file", config.cert_file);
  auto key = ReadNamed(web_file, "key_file", config.key_file);
  auto client_ca = ReadNamed(web_file, "client_ca_file", config.client_ca_file);
  ConfigProblems problems;
  for (const auto* read : {&cert, &key, &client_ca}) {
    if (!*read) problems.insert(problems.end(), read->error().begin(), read->error().end());
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return TlsFiles{std::move(*cert), std::move(*key), std::move(*client_ca)};
}

}  // namespace

std::expected<WebSettings, ConfigProblems> LoadWebSettings(const std::filesystem::path& file) {
  if (file.empty()) return WebSettings{};
  auto text = ReadFile(file);
  if (!text) return std::unexpected(Of(file, "", "cannot be read: " + text.error()));
  auto config = ParseWebConfig(*text, file);
  if (!config) return std::unexpected(std::move(config.error()));
  WebSettings settings{.config = std::move(*config), .tls = nullptr, .content = std::move(*text)};
  if (!settings.config.tls) return settings;
  auto files = ReadTlsFiles(file, *settings.config.tls);
  if (!files) return std::unexpected(std::move(files.error()));
  auto context = MakeTlsContext(*settings.config.tls, *files);
  if (!context) return std::unexpected(Of(file, "tls_server_config", context.error().message));
  settings.tls = std::move(*context);
  settings.content += '\0' + files->cert + '\0' + files->key + '\0' + files->client_ca;
  return settings;
}

WebAccess::WebAccess(std::filesystem::path file, WebSettings settings)
    : file_(std::move(file)),
      settings_(std::make_shared<const WebSettings>(std::move(settings))),
      looked_at_(std::chrono::steady_clock::now()) {}

WebSettingsRef WebAccess::Current(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (!file_.empty() && now - looked_at_ >= kPace) {
    looked_at_ = now;
    Look();
  }
  return settings_;
}

void WebAccess::Look() {
  auto loaded = LoadWebSettings(file_);
  if (loaded && (loaded->tls == nullptr) != (settings_->tls == nullptr)) {
    loaded = std::unexpected(Of(file_, "tls_server_config",
                                "was added or removed: that takes effect when the agent is "
                                "started again"));
  }
  if (!loaded) {
    std::string problem;
    for (const ConfigProblem& one : loaded.error()) problem += "; " + one.ToString();
    if (problem == last_problem_) return;
    log::Err("http: the web configuration was not reloaded, the old one stays{}", problem);
    last_problem_ = std::move(problem);
    return;
  }
  last_problem_.clear();
  if (loaded->content == settings_->content) return;
  settings_ = std::make_shared<const WebSettings>(std::move(*loaded));
  log::Info("http: the web configuration was reloaded");
}

}  // namespace streamgauge
