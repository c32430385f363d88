// A password: given in the configuration, or the path of a file that holds it. A file is read again
// at every use, so that a rotated secret needs no restart.
#pragma once

#include <string>

#include "model/error.h"

namespace streamgauge {

class Secret {
 public:
  Secret() = default;
  static Secret FromText(std::string text);
  static Secret FromFile(std::string path);

  bool empty() const { return text_.empty() && path_.empty(); }
  // The secret itself; of a file, its content without trailing line ends. kUnauthorized with the
  // path and the reason when the file cannot be read. The result must never be logged.
  Result<std::string> Read() const;

  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
  std::string path_;
};

}  // namespace streamgauge
