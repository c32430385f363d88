#include "checked_config.h"

#include <utility>
#include <variant>
#include <vector>

#include "config/loader.h"
#include "kafka/properties.h"
#include "tls/client.h"

namespace streamgauge {
namespace {

std::vector<Secret> SecretsOf(const TargetConfig& target) {
  if (const auto* redis = std::get_if<RedisTargetConfig>(&target.backbone)) {
    return {redis->password, redis->sentinel.password};
  }
  std::vector<Secret> secrets;
  for (const auto& [property, secret] : std::get<KafkaTargetConfig>(target.backbone).secret_files) {
    secrets.push_back(secret);
  }
  return secrets;
}

Result<void> TryTlsFiles(const TlsClientConfig& tls) {
  if (tls == TlsClientConfig()) return {};
  const auto context = MakeTlsClientContext(tls);
  if (!context) return std::unexpected(context.error());
  return {};
}

// Of a Redis target's TLS, and of that which its sentinels have of their own.
Result<void> TryTlsFiles(const TargetConfig& target) {
  const auto* redis = std::get_if<RedisTargetConfig>(&target.backbone);
  if (redis == nullptr) return {};
  auto tried = TryTlsFiles(redis->tls);
  if (!tried || redis->sentinel.tls == redis->tls) return tried;
  tried = TryTlsFiles(redis->sentinel.tls);
  if (!tried) tried.error().message.insert(0, "sentinel.");
  return tried;
}

ConfigProblems UnusableFiles(const Config& config, const std::filesystem::path& file) {
  ConfigProblems problems;
  for (const TargetConfig& target : config.targets) {
    const auto note = [&](const Error& error) {
      problems.push_back({file.string(), 0, "", "target " + target.name + ": " + error.message});
    };
    for (const Secret& secret : SecretsOf(target)) {
      if (const auto text = secret.Read(); !text) note(text.error());
    }
    if (const auto tls = TryTlsFiles(target); !tls) note(tls.error());
  }
  return problems;
}

}  // namespace

std::expected<Config, ConfigProblems> ParseCheckedConfig(const std::string& text,
                                                         const std::filesystem::path& file,
                                                         const Environment& environment) {
  return ParseConfig(text, file, environment, ValidateKafkaProperties);
}

std::expected<CheckedConfig, ConfigProblems> LoadCheckedConfig(const std::filesystem::path& file,
                                                               const Environment& environment) {
  auto text = ReadConfigFile(file);
  if (!text) return std::unexpected(std::move(text.error()));
  auto config = ParseCheckedConfig(*text, file, environment);
  if (!config) return std::unexpected(std::move(config.error()));
  auto web = LoadWebSettings(config->http.web_config_file);
  if (!web) return std::unexpected(std::move(web.error()));
  return CheckedConfig{std::move(*config), std::move(*text), std::move(*web)};
}

std::expected<Config, ConfigProblems> LoadProvenConfig(const std::filesystem::path& file,
                                                       const Environment& environment) {
  auto text = ReadConfigFile(file);
  if (!text) return std::unexpected(std::move(text.error()));
  auto config = ParseConfig(*text, file, environment, ProbeKafkaProperties);
  if (!config) return config;
  ConfigProblems problems = UnusableFiles(*config, file);
  if (auto web = LoadWebSettings(config->http.web_config_file); !web) {
    problems.insert(problems.end(), web.error().begin(), web.error().end());
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return config;
}

std::string Lines(const ConfigProblems& problems) {
  std::string lines;
  for (const ConfigProblem& problem : problems) lines += problem.ToString() + "\n";
  return lines;
}

}  // namespace streamgauge
