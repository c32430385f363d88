// What a client wants, by its headers Accept and Accept-Encoding (RFC 9110, section 12.5): pure.
#pragma once

#include <string_view>

#include "metrics/exposition.h"

namespace streamgauge {

// OpenMetrics for clients that name it and do not prefer text; else the text format, also for those
// that name neither, since a scrape that is refused helps nobody.
ExpositionFormat NegotiateFormat(std::string_view accept);

// True when gzip is acceptable and not less welcome than no compression at all.
bool PrefersGzip(std::string_view accept_encoding);

}  // namespace streamgauge
