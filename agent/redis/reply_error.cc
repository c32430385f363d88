#include "redis/reply_error.h"

#include <algorithm>
#include <array>
#include <string>

namespace streamgauge {
namespace {

struct Meaning {
  std::string_view prefix;
  Reason reason;
  bool whole_server;
  std::string_view advice;
};

// First match wins.
constexpr auto kMeanings = std::to_array<Meaning>({
    {"NOAUTH", Reason::kUnauthorized, true, "set username and password of the target"},
    {"WRONGPASS", Reason::kUnauthorized, true, "check username and password of the target"},
    {"ERR invalid password", Reason::kUnauthorized, true, "check the password of the target"},
    {"ERR AUTH", Reason::kUnauthorized, true,
     "the server has no password for this user: remove it from the target"},
    {"ERR Client sent AUTH", Reason::kUnauthorized, true,
     "the server has no password: remove it from the target"},
    {"NOPERM", Reason::kUnauthorized, false, ""},
    {"LOADING", Reason::kUnavailable, true, ""},
    {"MASTERDOWN", Reason::kUnavailable, true, ""},
    {"CLUSTERDOWN Hash slot not served", Reason::kUnavailable, false, ""},
    {"CLUSTERDOWN", Reason::kUnavailable, true, ""},
    {"BUSY ", Reason::kUnavailable, true, "a script blocks the server"},
    {"ERR max number of clients", Reason::kUnavailable, true, "raise maxclients"},
    {"WRONGTYPE", Reason::kWrongType, false, ""},
    {"NOGROUP", Reason::kNotFound, false, ""},
    {"ERR no such key", Reason::kNotFound, false, ""},
    {"MOVED", Reason::kUnsupported, false, "the server belongs to a cluster: see mode"},
    {"ASK", Reason::kUnsupported, false, "the server belongs to a cluster: see mode"},
    {"ERR DB index", Reason::kNotFound, true, "check the database in the address"},
    {"ERR unknown", Reason::kUnsupported, false, ""},
    {"ERR Unknown", Reason::kUnsupported, false, ""},
    {"ERR syntax error", Reason::kUnsupported, false, ""},
    {"ERR wrong number of arguments", Reason::kUnsupported, false, ""},
});

const Meaning* Find(std::string_view server_text) {
  const auto found = std::ranges::find_if(
      kMeanings, [&](const Meaning& meaning) { return server_text.starts_with(meaning.prefix); });
  return found == kMeanings.end() ? nullptr : &*found;
}

std::string Grant(std::string_view server_text, Request request, std::string_view key) {
  if (RefusesKey(server_text)) {
    std::string grant = "grant %R~" + std::string(key);
    // Redis 6 knows no rights to read alone. These are its words, and those of 7.0.
    const bool may_be_6 = server_text.find("one of the keys") != std::string_view::npos;
    return may_be_6 ? grant + " (Redis 6: ~" + std::string(key) + ")" : grant;
  }
  return "grant " + std::string(GrantFor(request));
}

}  // namespace

// A server's text is not ours: little of it goes into logs and tickets.
std::string QuotedLine(std::string_view server_text) {
  constexpr std::size_t kLongest = 200;
  return std::string(server_text.substr(0, std::min(server_text.find('\n'), kLongest)));
}

bool RefusesKey(std::string_view server_text) {
  return server_text.starts_with("NOPERM") &&
         (server_text.find("access a key") != std::string_view::npos ||
          server_text.find("access one of the keys") != std::string_view::npos);
}

bool IsRedirect(std::string_view server_text) {
  return server_text.starts_with("MOVED ") || server_text.starts_with("ASK ");
}

Error ToError(std::string_view server_text, Request request, std::string_view key) {
  const Meaning* meaning = Find(server_text);
  std::string message(ToString(request));
  if (!key.empty()) message += " of " + std::string(key);
  message += ": " + QuotedLine(server_text);
  if (message.ends_with('.')) message.pop_back();
  if (server_text.starts_with("NOPERM")) {
    message += "; " + Grant(server_text, request, key);
  } else if (meaning != nullptr && !meaning->advice.empty()) {
    message += "; " + std::string(meaning->advice);
  }
  return Error{meaning == nullptr ? Reason::kBadReply : meaning->reason, std::move(message)};
}

bool ConcernsWholeServer(std::string_view server_text) {
  const Meaning* meaning = Find(server_text);
  return meaning != nullptr && meaning->whole_server;
}

}  // namespace streamgauge
