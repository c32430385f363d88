#include "redis/informant.h"

#include <algorithm>
#include <chrono>

namespace streamgauge {

void Informant::Drop() {
  session_.reset();
  node_.reset();
}

Result<void> Informant::Exchange(const NodeLogin& login, Request request,
                                 std::initializer_list<std::string_view> words,
                                 const std::function<void(const Reply&)>& take,
                                 std::stop_token stop) {
  if (node_ != login.address || session_->connection->HasEnded()) {
    Drop();
    auto session = OpenSession(open_, login, traffic_, stop);
    if (!session) return std::unexpected(std::move(session.error()));
    session_ = std::move(*session);
    node_ = login.address;
  }
  CommandBatch batch;
  batch.Add(request, words);
  return session_->connection->Exchange(
      batch, [&](std::size_t, const Reply& reply) { take(reply); }, stop);
}

Duration ShareOf(Duration timeout, std::size_t nodes) {
  constexpr Duration kLeast = std::chrono::milliseconds(100);
  return std::max<Duration>(kLeast, timeout / static_cast<int>(nodes));
}

}  // namespace streamgauge
