#include "metrics/libraries.h"

#include <zlib.h>

#include "linked_libraries.h"  // made by CMake

namespace streamgauge {

Libraries MetricsLibraries() {
  return {{"prometheus-cpp", kPrometheusCpp}, {"zlib", zlibVersion()}};
}

}  // namespace streamgauge
