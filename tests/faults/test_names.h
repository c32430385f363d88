// The name server of an agent in the hands of a test (preload/test_names.c): what names that end in
// ".test" resolve to.
#pragma once

#include <map>
#include <string>

#include "support/temp_dir.h"

namespace streamgauge::test {

class TestNames {
 public:
  TestNames() { ResolveTo("127.0.0.1"); }

  // For the environment of the agent.
  std::map<std::string, std::string> Environment() const;

  void ResolveTo(const std::string& address) { Answer(address); }
  void Vanish() { Answer("none"); }        // there is no such name
  void FallSilent() { Answer("silent"); }  // questions are answered after the next change only

 private:
  void Answer(const std::string& what) const { folder_.Write(kFile, what + "\n"); }

  static constexpr const char* kFile = "names";
  TempDir folder_{"names"};
};

}  // namespace streamgauge::test
