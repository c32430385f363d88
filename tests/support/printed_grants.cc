#include "support/printed_grants.h"

#include <sstream>

namespace streamgauge::test {
namespace {

std::vector<std::string> WordsOf(const std::string& command) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (const char c : command + " ") {
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      begun = true;
    } else if (quote == 0 && c == ' ') {
      if (begun) words.push_back(word);
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  return words;
}

}  // namespace

std::vector<std::vector<std::string>> PrintedGrants(const std::string& text) {
  const std::string mark = "grant:";
  std::vector<std::vector<std::string>> grants;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(mark);
    if (at == std::string::npos || line.find_first_not_of(' ') != at) continue;
    std::string command = line.substr(at + mark.size());
    while (command.ends_with("\\") && std::getline(lines, line)) {
      command.pop_back();
      command += line;
    }
    grants.push_back(WordsOf(command));
  }
  return grants;
}

}  // namespace streamgauge::test
