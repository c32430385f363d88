// What a source may do on its servers, tried one by one: what `streamgauge check` shows. Plain
// data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace streamgauge {

enum class Access : std::uint8_t {
  kWorks,
  kRefused,      // a right is missing
  kUnsupported,  // the server does not know it
  kFailed,       // neither done nor refused
  kUntried,      // there was nothing to try it with
};

// Why something is asked for.
enum class Need : std::uint8_t {
  kTarget,   // without it the target does not work
  kFigures,  // without it some figures are absent
};

// One thing that polls need.
struct AccessCheck {
  std::string what;  // "XINFO GROUPS", "Describe"
  std::string on;    // "keys orders:*", "Topic orders"; empty: nothing in particular
  std::string at;    // the servers that are meant; empty: the only one, or all alike
  Need need = Need::kTarget;
  Access access = Access::kUntried;
  std::string detail;  // the server's words, or what was found; may be empty
  std::string lost;    // what is missing without it
  std::string grant;   // the command that grants it, when it is refused
};

struct AccessGrant {
  std::string at;  // as in the checks
  std::string command;
  bool operator==(const AccessGrant&) const = default;
};

struct AccessReport {
  std::vector<AccessCheck> checks;
  // Everything that is refused, in as few commands as it takes.
  std::vector<AccessGrant> grants;
  // Nobody can be polled, for what the checks say: a poll would only repeat it.
  bool blocked = false;
};

}  // namespace streamgauge
