// One YAML document as a tree with line numbers: what the rest of config/ reads. yaml_node.cc is
// the only file that knows yaml-cpp.
//
// Stricter than YAML: a key may stand only once in a mapping, keys are plain words, and an alias
// cannot refer to what it is part of. Aliased parts are shared and not copied, so that no document
// grows when it is read.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/problem.h"

namespace streamgauge {

struct YamlNode;
using YamlNodeRef = std::shared_ptr<const YamlNode>;

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
  struct Entry {
    std::string key;
    int line = 0;  // of the key
    YamlNodeRef value;
  };

  Kind kind = Kind::kNull;
  int line = 0;                    // from 1
  std::string scalar;              // kScalar
  std::vector<YamlNodeRef> items;  // kSequence
  std::vector<Entry> entries;      // kMapping, in the file's order

  // Null when there is no such key.
  const Entry* Find(std::string_view key) const;
  // "a text", "a list", "a mapping" or "empty".
  std::string_view Describe() const;
};

struct YamlDocument {
  YamlNodeRef root;
  // What this reader does not take, and has left out: of a key that stands twice, the second.
  ConfigProblems problems;
};

// Parses the first and only document of `text`; `file` is what problems name. An empty document is
// a kNull node. Fails where nothing can be read further: at a syntax error.
std::expected<YamlDocument, ConfigProblems> ParseYaml(const std::string& text,
                                                      const std::string& file);

}  // namespace streamgauge
