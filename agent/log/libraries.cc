#include "log/libraries.h"

#include <fmt/format.h>
#include <spdlog/version.h>

namespace streamgauge {

Libraries LogLibraries() {
  return {
      {"spdlog", fmt::format("{}.{}.{}", SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)}};
}

}  // namespace streamgauge
