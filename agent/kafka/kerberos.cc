#include "kafka/kerberos.h"

#include <sasl/sasl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

#include "kafka/property_value.h"

namespace streamgauge::kafka {
namespace {

constexpr const char* kMechanism = "GSSAPI";

std::string InCapitals(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// Both names are one property.
std::string MechanismOf(const std::map<std::string, std::string>& properties) {
  const std::string mechanism = ValueOf(properties, "sasl.mechanisms");
  return mechanism.empty() ? ValueOf(properties, "sasl.mechanism") : mechanism;
}

bool HasPlugin() {
  const char** mechanism = sasl_global_listmech();
  if (mechanism == nullptr) return false;
  for (; *mechanism != nullptr; ++mechanism) {
    if (std::string_view(*mechanism) == kMechanism) return true;
  }
  return false;
}

bool IsInPath(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string WhatIsLacking(const std::map<std::string, std::string>& properties) {
  constexpr const char* kNotHere = ", and that is not here; the project's container image has none";
  if (!HasPlugin()) {
    return std::string("libsasl2's GSSAPI plug-in (Debian: libsasl2-modules-gssapi-mit)") +
           kNotHere;
  }
  // Whoever has another command may get the tickets elsewhere.
  if (!ValueOf(properties, "sasl.kerberos.kinit.cmd").empty()) return "";
  if (ValueOf(properties, "sasl.kerberos.keytab").empty()) return "sasl.kerberos.keytab";
  if (access("/bin/sh", X_OK) != 0) return std::string("/bin/sh to run kinit") + kNotHere;
  if (!IsInPath("kinit")) return std::string("the command kinit (Debian: krb5-user)") + kNotHere;
  return "";
}

}  // namespace

bool UsesKerberos(const std::map<std::string, std::string>& properties) {
  const std::string mechanism = MechanismOf(properties);
  return InCapitals(ValueOf(properties, "security.protocol")).starts_with("SASL") &&
         (mechanism.empty() || mechanism == kMechanism);
}

std::string LackingForKerberos(const std::map<std::string, std::string>& properties) {
  if (!UsesKerberos(properties)) return "";
  const std::string lacking = WhatIsLacking(properties);
  if (lacking.empty()) return "";
  if (MechanismOf(properties).empty()) {
    return "security.protocol asks for a log-in: set sasl.mechanisms (try SCRAM-SHA-512); without "
           "it Kerberos is meant, which needs " +
           lacking;
  }
  const char* name = properties.contains("sasl.mechanisms") ? "sasl.mechanisms" : "sasl.mechanism";
  return std::string(name) + " GSSAPI needs " + lacking;
}

std::string WithoutCommand(std::string_view line) {
  constexpr std::string_view kSeparator = ": ";
  std::string without(line.substr(0, line.find(kSeparator)));
  const std::size_t last = line.rfind(kSeparator);
  if (last == std::string_view::npos) return without;
  const std::string_view end = line.substr(last);
  const bool tells =
      end.starts_with(": exited with code ") || end.starts_with(": received signal ");
  return tells ? without.append(end) : without;
}

}  // namespace streamgauge::kafka
