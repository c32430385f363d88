#include "redis/sentinel_topology.h"

#include <algorithm>
#include <utility>

#include "redis/access_merge.h"
#include "redis/reply_error.h"
#include "redis/rights.h"

namespace streamgauge {
namespace {

Result<RedisAddress> ParseMasterAddress(const Reply& reply, const std::string& master) {
  if (reply.IsError()) {
    Error error = ToError(reply.text(), Request::kSentinel, "");
    if (error.reason == Reason::kUnsupported) {
      error.message += kIsItASentinel;
    }
    return std::unexpected(std::move(error));
  }
  if (reply.kind() == ReplyKind::kNil) {
    return std::unexpected(
        Error{Reason::kNotFound, "does not know a primary called \"" + master + "\""});
  }
  const auto host = reply.At(0);
  const auto port = reply.At(1);
  const std::uint64_t number = port ? port->count().value_or(0) : 0;
  if (!host || host->text().empty() || number == 0 || number > 65535) {
    return std::unexpected(Error{Reason::kBadReply, "the primary's address makes no sense"});
  }
  RedisAddress address;
  address.host = host->text();
  address.port = static_cast<std::uint16_t>(number);
  return address;
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// Advice that names keys of the target: sentinels have their own.
Error AboutSentinels(Error error, bool own_tls) {
  ReplaceAll(error.message, "the target", "the target's section sentinel");
  if (!own_tls) return error;
  for (const std::string key : {"ca_file", "cert_file", "key_file", "server_name"}) {
    ReplaceAll(error.message, "tls." + key, "sentinel.tls." + key);
  }
  return error;
}

bool NamesPrimary(const AccessReport& report) {
  return std::ranges::any_of(report.checks, [](const AccessCheck& check) {
    return check.what.starts_with("SENTINEL ") && check.access == Access::kWorks;
  });
}

}  // namespace

SentinelTopology::SentinelTopology(const RedisTargetConfig& config, const NodeLogin& login,
                                   ConnectionFactory open)
    : config_(config.sentinel),
      own_tls_(config.sentinel.tls != config.tls),
      database_(config.addresses.at(0).database),
      open_(std::move(open)),
      informant_(open_) {
  for (const RedisAddress& address : config.addresses) {
    NodeLogin& sentinel = sentinels_.emplace_back(login);
    sentinel.address = address;
    sentinel.address.database = 0;
    sentinel.username = config.sentinel.username;
    sentinel.password = config.sentinel.password;
    sentinel.tls = config.sentinel.tls;
    sentinel.wants_version = false;
    // All of them are asked within the time of one, so that those that hang keep nobody waiting.
    sentinel.timeout = ShareOf(login.timeout, config.addresses.size());
  }
}

Result<Topology::View> SentinelTopology::Look(std::stop_token stop) {
  std::optional<Error> trouble;
  for (std::size_t tried = 0; tried < sentinels_.size() && !stop.stop_requested(); ++tried) {
    auto primary = Ask(stop);
    if (primary) {
      Take(*std::move(primary));
      return View{layout_, {}};
    }
    informant_.Drop();
    // One that answers, if only that it does not know the primary, tells more than one that is
    // gone.
    const bool tells_more = trouble && trouble->reason == Reason::kUnavailable;
    if (!trouble || tells_more) {
      trouble = AboutSentinels(std::move(primary.error()), own_tls_)
                    .In("sentinel " + Describe(sentinels_[current_].address));
    }
    current_ = (current_ + 1) % sentinels_.size();
  }
  if (!trouble) trouble = Error{Reason::kUnavailable, "stopped"};
  if (!layout_) return std::unexpected(*std::move(trouble));
  return View{layout_, std::move(trouble)};
}

Result<RedisAddress> SentinelTopology::Ask(std::stop_token stop) {
  return informant_.Ask(
      sentinels_[current_], Request::kSentinel,
      {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", config_.master},
      [this](const Reply& reply) { return ParseMasterAddress(reply, config_.master); }, stop);
}

// One that names the primary is enough; the others are there for when it is gone.
AccessReport SentinelTopology::TryAccess(const std::stop_token& stop) {
  std::vector<ServerAccess> said;
  bool named = false;
  for (const NodeLogin& sentinel : sentinels_) {
    AccessReport report = TrySentinel(sentinel, stop);
    named = named || NamesPrimary(report);
    said.push_back({"sentinel " + Describe(sentinel.address), std::move(report)});
  }
  AccessReport report = MergeAccess(said, "sentinel");
  const bool some_are_gone = std::ranges::count(report.checks, "connect", &AccessCheck::what) > 0;
  const std::string rest = said.size() == 1 ? said[0].server
                           : some_are_gone  ? "the other sentinels"
                                            : "every sentinel";
  for (AccessCheck& check : report.checks) {
    if (check.at.empty()) check.at = rest;
    if (check.access == Access::kWorks || check.need != Need::kTarget || !named) continue;
    check.need = Need::kFigures;
    check.lost = "whom to ask when the other sentinels do not answer";
  }
  report.blocked = !named;
  return report;
}

AccessReport SentinelTopology::TrySentinel(const NodeLogin& sentinel,
                                           const std::stop_token& stop) const {
  Traffic traffic;
  const auto session = OpenSession(open_, sentinel, traffic, stop);
  Result<AccessReport> report = session ? TrySentinelRights(*session->connection, config_, stop)
                                        : Result<AccessReport>(std::unexpected(session.error()));
  if (report) return *std::move(report);
  return CannotConnect(AboutSentinels(std::move(report.error()), own_tls_), sentinel.address,
                       config_.username, NeededWordsOfSentinel());
}

void SentinelTopology::Take(RedisAddress primary) {
  primary.database = database_;
  primary.tls = config_.primary_tls;
  if (layout_ && layout_->primaries[0] == primary) return;
  layout_ = std::make_shared<const Layout>(Layout{{std::move(primary)}, {}});
}

}  // namespace streamgauge
