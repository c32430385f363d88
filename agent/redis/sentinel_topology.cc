#include "redis/sentinel_topology.h"

#include <utility>

#include "redis/reply_error.h"

namespace streamgauge {
namespace {

Result<RedisAddress> ParseMasterAddress(const Reply& reply, const std::string& master) {
  if (reply.IsError()) {
    Error error = ToError(reply.text(), Request::kSentinel, "");
    if (error.reason == Reason::kUnsupported) {
      error.message += "; is it a sentinel? Their usual port is 26379";
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

}  // namespace

SentinelTopology::SentinelTopology(const RedisTargetConfig& config, const NodeLogin& login,
                                   ConnectionFactory open)
    : master_(config.sentinel.master),
      own_tls_(config.sentinel.tls != config.tls),
      primary_tls_(config.sentinel.primary_tls),
      database_(config.addresses.at(0).database),
      informant_(std::move(open)) {
  for (const RedisAddress& address : config.addresses) {
    NodeLogin& sentinel = sentinels_.emplace_back(login);
    sentinel.address = address;
    sentinel.address.database = 0;
    sentinel.username = config.sentinel.username;
    sentinel.password = config.sentinel.password;
    sentinel.tls = config.sentinel.tls;
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
      trouble = OfCurrent(std::move(primary.error()));
    }
    current_ = (current_ + 1) % sentinels_.size();
  }
  if (!trouble) trouble = Error{Reason::kUnavailable, "stopped"};
  if (!layout_) return std::unexpected(*std::move(trouble));
  return View{layout_, std::move(trouble)};
}

Error SentinelTopology::OfCurrent(Error error) const {
  return AboutSentinels(std::move(error), own_tls_)
      .In("sentinel " + Describe(sentinels_[current_].address));
}

Result<RedisAddress> SentinelTopology::Ask(std::stop_token stop) {
  return informant_.Ask(
      sentinels_[current_], Request::kSentinel, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master_},
      [this](const Reply& reply) { return ParseMasterAddress(reply, master_); }, stop);
}

void SentinelTopology::Take(RedisAddress primary) {
  primary.database = database_;
  primary.tls = primary_tls_;
  if (layout_ && layout_->primaries[0] == primary) return;
  layout_ = std::make_shared<const Layout>(Layout{{std::move(primary)}, {}});
}

}  // namespace streamgauge
