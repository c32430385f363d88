#include "redis/handshake.h"

#include <optional>
#include <string>

#include "redis/reply_error.h"

namespace streamgauge {
namespace {

void AddLogin(const NodeLogin& login, const std::string& password, CommandBatch& batch) {
  if (!login.username.empty()) {  // with an empty password too: the user may have none (nopass)
    batch.Add(Request::kAuth, {"AUTH", login.username, password});
  } else if (!login.password.empty()) {
    batch.Add(Request::kAuth, {"AUTH", password});
  }
  if (login.address.database != 0) {
    batch.Add(Request::kSelect, {"SELECT", std::to_string(login.address.database)});
  }
  batch.Add(Request::kClientSetName, {"CLIENT", "SETNAME", "streamgauge"});
  if (login.wants_version) batch.Add(Request::kInfo, {"INFO", "server"});
}

// What we can do without.
bool IsOptional(Request request, std::string_view error) {
  return request != Request::kAuth && request != Request::kSelect && !ConcernsWholeServer(error);
}

}  // namespace

Result<Session> OpenSession(const ConnectionFactory& open, const NodeLogin& login, Traffic& traffic,
                            std::stop_token stop) {
  const auto password = login.password.Read();
  if (!password) return std::unexpected(password.error());
  auto connection = open(login, traffic, stop);
  if (!connection) return std::unexpected(connection.error());

  CommandBatch batch;
  AddLogin(login, *password, batch);
  Session session{.connection = std::move(*connection), .server = {}};
  std::optional<Error> refusal;
  const auto read = [&](std::size_t command, const Reply& reply) {
    const Request request = batch.request(command);
    if (reply.IsError() && !refusal && !IsOptional(request, reply.text())) {
      refusal = ToError(reply.text(), request, "");
    }
    if (request == Request::kInfo && !reply.IsError()) {
      session.server = ParseServerIdentity(reply.text());
    }
  };
  const auto exchanged = session.connection->Exchange(batch, read, stop);
  if (!exchanged) return std::unexpected(exchanged.error());
  if (refusal) return std::unexpected(std::move(*refusal).In(Describe(login.address)));
  return session;
}

}  // namespace streamgauge
