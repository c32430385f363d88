#include "faults/test_names.h"

#include "faults/preload.h"

namespace streamgauge::test {

std::map<std::string, std::string> TestNames::Environment() const {
  auto environment = Preloaded(STREAMGAUGE_TEST_NAMES);
  environment["TEST_NAMES_FILE"] = folder_.path() / kFile;
  return environment;
}

}  // namespace streamgauge::test
