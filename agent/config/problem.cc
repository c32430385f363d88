#include "config/problem.h"

namespace streamgauge {

std::string ConfigProblem::ToString() const {
  std::string result = file;
  if (line > 0) result += ":" + std::to_string(line);
  result += ": ";
  if (!path.empty()) result += path + ": ";
  return result + text;
}

}  // namespace streamgauge
