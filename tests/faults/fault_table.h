// What came of the faults, as a table for people.
#pragma once

#include <string>
#include <vector>

#include "faults/trial.h"

namespace streamgauge::test {

std::string TableOf(const std::vector<Outcome>& outcomes);

}  // namespace streamgauge::test
