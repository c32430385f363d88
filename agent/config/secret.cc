#include "config/secret.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace streamgauge {

Secret Secret::FromText(std::string text) {
  Secret secret;
  secret.text_ = std::move(text);
  return secret;
}

Secret Secret::FromFile(std::string path) {
  Secret secret;
  secret.path_ = std::move(path);
  return secret;
}

Result<std::string> Secret::Read() const {
  if (path_.empty()) return text_;
  std::ifstream file(path_, std::ios::binary);
  std::ostringstream content;
  // An empty file sets failbit on `content`, not on `file`: that is an empty secret, not an error.
  if (!file || ((content << file.rdbuf()), file.bad())) {
    return std::unexpected(Error{Reason::kUnauthorized, "cannot read the secret file " + path_ +
                                                            ": " + std::strerror(errno)});
  }
  std::string text = std::move(content).str();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace streamgauge
