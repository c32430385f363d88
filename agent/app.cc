#include "app.h"

#include <algorithm>
#include <utility>

#include "config/loader.h"
#include "log/log.h"
#include "signals/words.h"
#include "version.h"

namespace streamgauge {
namespace {

// Empty places are passed over.
std::vector<std::string> NamesOf(const std::vector<std::unique_ptr<Poller>>& pollers) {
  std::vector<std::string> names;
  names.reserve(pollers.size());
  for (const auto& poller : pollers) {
    if (poller) names.push_back(poller->config().name);
  }
  return names;
}

// What every analyzer and every poller is made with, whatever its target.
bool SharedSettingsDiffer(const Config& a, const Config& b) {
  return a.signals != b.signals || a.objectives != b.objectives || a.stale_after != b.stale_after;
}

}  // namespace

App::App(Options options, CheckedConfig loaded)
    : options_(std::move(options)),
      agent_metrics_(Version(), Revision()),
      exposition_(board_, agent_metrics_),
      config_(std::move(loaded.config)),
      web_(std::move(loaded.web)),
      watch_(options_.config_file, std::move(loaded.text)) {}

App::~App() {
  {
    // All pollers are told before anyone is waited for.
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    RetireAll(pollers_);
  }
  // Without the mutex: a request may be waiting for it in Reload.
  if (server_) server_->Stop();
}

Result<void> App::Start() {
  const std::lock_guard lock(mutex_);
  // All targets are on the board before anyone can ask whether they were polled.
  for (const TargetConfig& target : config_.targets) pollers_.push_back(NewPoller(target));
  agent_metrics_.ConfigReloaded(true, WallNow());

  std::function<std::string()> reload;
  if (config_.http.enable_reload) reload = [this] { return Reload(); };
  server_ = std::make_unique<HttpServer>(config_.http,
                                         HttpServer::Dependencies{.board = &board_,
                                                                  .exposition = &exposition_,
                                                                  .reload = std::move(reload),
                                                                  .version = std::string(Version()),
                                                                  .limits = {},
                                                                  .web = std::move(web_)});
  if (auto started = server_->Start(); !started) return started;
  for (const auto& poller : pollers_) poller->Start();
  log::Info("streamgauge {} serves on {}, port {}, and watches {}", Version(), config_.http.host,
            server_->port(), Quantity(config_.targets.size(), "target", "targets"));
  return {};
}

std::string App::Reload() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return "the agent is stopping";
  auto config = Reread();
  agent_metrics_.ConfigReloaded(config.has_value(), WallNow());
  if (!config) {
    log::Err("the configuration was not reloaded, the old one runs on; {}:",
             Quantity(config.error().size(), "problem", "problems"));
    for (const ConfigProblem& problem : config.error()) log::Err("{}", problem.ToString());
    return Lines(config.error());
  }
  Apply(std::move(*config));
  return "";
}

std::expected<Config, ConfigProblems> App::Reread() {
  auto text = ReadConfigFile(options_.config_file);
  if (!text) return std::unexpected(std::move(text.error()));
  // Good or bad, it is not news for Tick any more.
  watch_.Seen(*text);
  return ParseCheckedConfig(*text, options_.config_file, options_.environment);
}

void App::Tick() {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(retired_, [](const auto& poller) { return poller->Ended(); });
    changed = watch_.Changed();
  }
  if (changed) Reload();
}

void App::Apply(Config config) {
  WarnOfRestart(config);
  if (config.log != config_.log) log::Init(config.log);
  const bool restart_all = SharedSettingsDiffer(config, config_);
  config_ = std::move(config);
  if (restart_all) RetireAll(pollers_);

  std::vector<std::unique_ptr<Poller>> wanted;
  wanted.reserve(config_.targets.size());
  for (const TargetConfig& target : config_.targets) wanted.push_back(TakePoller(target));
  const auto kept =
      std::ranges::count_if(wanted, [](const auto& poller) { return poller != nullptr; });
  RetireAll(pollers_);
  // A target that starts anew must not inherit what its predecessor has shown.
  board_.Arrange(NamesOf(wanted));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) continue;
    wanted[i] = NewPoller(config_.targets[i]);
    wanted[i]->Start();
  }
  pollers_ = std::move(wanted);
  board_.Arrange(NamesOf(pollers_));
  log::Info("configuration reloaded: {}, {} unchanged",
            Quantity(pollers_.size(), "target", "targets"), kept);
}

void App::WarnOfRestart(const Config& config) const {
  if (config.http != config_.http) {
    log::Warn("the http section has changed: that takes effect when the agent is started again");
  }
}

// The running poller of exactly this target, taken out of pollers_; null when there is none.
std::unique_ptr<Poller> App::TakePoller(const TargetConfig& target) {
  for (auto& poller : pollers_) {
    if (poller && poller->config() == target) return std::move(poller);
  }
  return nullptr;
}

std::unique_ptr<Poller> App::NewPoller(const TargetConfig& target) {
  return MakePoller(target, config_, options_.make_source, agent_metrics_, board_);
}

void App::RetireAll(std::vector<std::unique_ptr<Poller>>& pollers) {
  for (auto& poller : pollers) {
    if (!poller) continue;
    poller->Retire();
    retired_.push_back(std::move(poller));
  }
  pollers.clear();
}

}  // namespace streamgauge
