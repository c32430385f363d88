// Whatever a server answers when we introduce ourselves: a session or an error, and the password in
// neither.
#include <memory>
#include <string>

#include "fuzz/fuzzer.h"
#include "redis/handshake.h"
#include "redis/reply_reader.h"

namespace streamgauge {
namespace {

constexpr const char* kPassword = "correct horse battery staple";

class Scripted final : public Connection {
 public:
  explicit Scripted(std::string_view bytes) : bytes_(bytes) {}

  Result<void> Exchange(const CommandBatch& batch, const ReplyHandler& handle,
                        std::stop_token) override {
    ReplyReader reader(std::size_t{1} << 20);
    if (auto fed = reader.Feed(bytes_); !fed) return std::unexpected(fed.error());
    for (std::size_t command = 0; command < batch.size(); ++command) {
      const auto reply = reader.Next(batch.keep_depth(command));
      if (!reply) return std::unexpected(reply.error());
      if (!*reply) return std::unexpected(Error{Reason::kTimeout, "no answer"});
      handle(command, **reply);
    }
    return {};
  }

 private:
  std::string_view bytes_;
};

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(redis_handshake) {
  using namespace streamgauge;
  const NodeLogin login{.address = {.host = "h", .port = 6379, .database = 3},
                        .username = "monitor",
                        .password = Secret::FromText(kPassword)};
  Traffic traffic;
  const auto open = [&](const NodeLogin&, Traffic&,
                        std::stop_token) -> Result<std::unique_ptr<Connection>> {
    return std::make_unique<Scripted>(input);
  };
  const auto session = OpenSession(open, login, traffic, {});
  if (session || input.find(kPassword) != std::string_view::npos) return;
  test::Require(!session.error().message.empty(), "an error says something");
  test::Require(session.error().message.find(kPassword) == std::string::npos,
                "an error does not tell the password", session.error().message);
}
