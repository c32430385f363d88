// The run as a table: what was done, what arrived, how soon, and how soon it had to.
#pragma once

#include <string>
#include <vector>

#include "e2e/scenario.h"

namespace streamgauge::test {

std::string Report(const std::vector<Scenario>& scenarios);

}  // namespace streamgauge::test
