#include "config/secret.h"

#include <utility>

#include "config/read_file.h"

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
  auto content = ReadFile(path_);
  if (!content) {
    return std::unexpected(Error{Reason::kUnauthorized,
                                 "cannot read the secret file " + path_ + ": " + content.error()});
  }
  std::string text = std::move(*content);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace streamgauge
