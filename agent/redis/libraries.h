// The libraries that this folder wraps. Pure.
#pragma once

#include "model/library.h"

namespace streamgauge {

Libraries RedisLibraries();

}  // namespace streamgauge
