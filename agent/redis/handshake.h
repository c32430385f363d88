// Introduces us on a fresh connection: AUTH, SELECT, CLIENT SETNAME and the server's version, in
// one round trip.
#pragma once

#include <memory>
#include <stop_token>

#include "redis/connection.h"
#include "redis/server_info.h"

namespace streamgauge {

struct Session {
  std::unique_ptr<Connection> connection;
  ServerIdentity server;
};

// Opens and introduces. kUnauthorized when the login or the database is refused; a server that
// keeps INFO or CLIENT SETNAME from us is used all the same, its version is then unknown.
Result<Session> OpenSession(const ConnectionFactory& open, const NodeLogin& login, Traffic& traffic,
                            std::stop_token stop);

}  // namespace streamgauge
