// The connection on which a topology asks who has what: kept from poll to poll as long as the same
// node is asked and answers. Owned by the topology and used by its thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "redis/handshake.h"
#include "redis/topology.h"

namespace streamgauge {

class Informant {
 public:
  explicit Informant(ConnectionFactory open) : open_(std::move(open)) {}

  // Asks the node of `login` one question. `parse(reply)` makes a Result of the answer, error
  // replies included. After an error of the connection call Drop.
  template <typename Parse>
  auto Ask(const NodeLogin& login, Request request, std::initializer_list<std::string_view> words,
           Parse parse, std::stop_token stop) -> decltype(parse(std::declval<const Reply&>())) {
    decltype(parse(std::declval<const Reply&>())) answer =
        std::unexpected(Error{Reason::kBadReply, "no answer"});
    const auto exchanged =
        Exchange(login, request, words, [&](const Reply& reply) { answer = parse(reply); }, stop);
    if (!exchanged) return std::unexpected(exchanged.error());
    return answer;
  }
  // The next question is asked on a new connection.
  void Drop();

  // Whom there is a connection with.
  const std::optional<RedisAddress>& node() const { return node_; }
  const Traffic& traffic() const { return traffic_; }

 private:
  Result<void> Exchange(const NodeLogin& login, Request request,
                        std::initializer_list<std::string_view> words,
                        const std::function<void(const Reply&)>& take, std::stop_token stop);

  const ConnectionFactory open_;
  Traffic traffic_;
  std::optional<RedisAddress> node_;
  std::optional<Session> session_;
};

// Of all nodes that may have to be asked within `timeout`, each has a share, and not too little.
Duration ShareOf(Duration timeout, std::size_t nodes);

}  // namespace streamgauge
