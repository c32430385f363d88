#include "alert_lines.h"

#include <fmt/format.h>

#include <vector>

namespace streamgauge::demo {
namespace {

std::string Line(const test::AlertMessage& message) {
  const auto description = message.annotations.find("description");
  return fmt::format("alert {} to {}: {}\n      {}\n", message.status, message.path.substr(1),
                     message.name(),
                     description == message.annotations.end() ? "" : description->second);
}

}  // namespace

std::string AlertLines::Next() {
  const std::vector<test::AlertMessage> messages = receiver_.Messages();
  std::string lines;
  for (; shown_ < messages.size(); ++shown_) lines += Line(messages[shown_]);
  return lines.empty() ? lines : "\n" + lines;
}

}  // namespace streamgauge::demo
