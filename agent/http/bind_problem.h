// Why an address cannot be listened on, in words. httplib only says that it cannot.
#pragma once

#include <cstdint>
#include <string>

namespace streamgauge {

// Tries it once more by itself. Empty when it works now.
std::string BindProblem(const std::string& host, std::uint16_t port);

}  // namespace streamgauge
