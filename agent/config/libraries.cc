#include "config/libraries.h"

#include "linked_libraries.h"  // made by CMake

namespace streamgauge {

Libraries ConfigLibraries() { return {{"yaml-cpp", kYamlCpp}}; }

}  // namespace streamgauge
