// Every library that the agent is made with, and what has compiled it. Constant; any thread.
#pragma once

#include <string>

#include "model/library.h"

namespace streamgauge {

// By name. The C and C++ standard libraries are among them.
Libraries AllLibraries();

// "g++ 12.2.0".
std::string Compiler();

}  // namespace streamgauge
