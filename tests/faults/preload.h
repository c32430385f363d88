// The environment of a process that loads one of the libraries in preload/.
#pragma once

#include <cstdlib>
#include <map>
#include <string>

namespace streamgauge::test {

inline std::map<std::string, std::string> Preloaded(const std::string& library) {
  std::map<std::string, std::string> environment = {{"LD_PRELOAD", library}};
  // AddressSanitizer wants to come first where it is; here it need not.
  const char* options = std::getenv("ASAN_OPTIONS");
  environment["ASAN_OPTIONS"] =
      std::string(options == nullptr ? "" : options) + ":verify_asan_link_order=0";
  return environment;
}

}  // namespace streamgauge::test
