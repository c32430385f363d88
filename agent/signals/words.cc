#include "signals/words.h"

namespace streamgauge {

std::string ReasonInWords(const Report& report, std::size_t index) {
  return std::string(ToString(report.groups[index].state));
}

}  // namespace streamgauge
