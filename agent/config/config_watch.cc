#include "config/config_watch.h"

#include <utility>

#include "config/loader.h"

namespace streamgauge {

ConfigWatch::ConfigWatch(std::filesystem::path file, std::string content)
    : file_(std::move(file)), seen_(std::move(content)), last_look_(seen_) {}

bool ConfigWatch::Changed() {
  auto content = ReadConfigFile(file_);
  if (!content) return false;
  const bool rests = *content == last_look_;
  last_look_ = std::move(*content);
  if (!rests || last_look_ == seen_) return false;
  seen_ = last_look_;
  return true;
}

void ConfigWatch::Seen(std::string content) {
  seen_ = std::move(content);
  last_look_ = seen_;
}

}  // namespace streamgauge
