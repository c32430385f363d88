// The groups of a scrape as a table for the terminal: the worst first, unknown as "-".
#pragma once

#include <string>

#include "support/metrics_page.h"

namespace streamgauge::demo {

std::string GroupTable(const test::MetricsPage& page);

}  // namespace streamgauge::demo
