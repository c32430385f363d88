// Notices that the configuration file has changed, by reading it every now and then and comparing
// its content: that holds for editors that write in place or rename, and for Kubernetes, which
// swaps a symbolic link two folders up. The file is small and the look is cheap.
#pragma once

#include <filesystem>
#include <string>

namespace streamgauge {

// Not thread-safe.
class ConfigWatch {
 public:
  // `content` is what is in force.
  ConfigWatch(std::filesystem::path file, std::string content);

  // True once for each new content, at the second look in a row that finds it: a file that is being
  // written is left alone until it rests. A file that cannot be read counts as unchanged: it is
  // probably being replaced.
  bool Changed();

  // `content` was taken (or refused): it is not news any more.
  void Seen(std::string content);

 private:
  std::filesystem::path file_;
  std::string seen_;
  std::string last_look_;
};

}  // namespace streamgauge
