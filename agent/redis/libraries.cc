#include "redis/libraries.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

namespace streamgauge {

Libraries RedisLibraries() {
  return {{"hiredis", fmt::format("{}.{}.{}", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH)}};
}

}  // namespace streamgauge
