// Typed access to one mapping of the configuration file. A reader asks for its keys one by one;
// what is missing, of the wrong type or out of range becomes a problem with its place, and the
// field keeps its default, so that the reader runs on and all problems are found at once. Finish()
// then reports the keys that nobody asked for.
//
// A key without a value (`ca_file:`) counts as not given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/environment.h"
#include "config/problem.h"
#include "config/yaml_node.h"
#include "model/time.h"

namespace streamgauge {

// What all sections of one file share. Outlives them.
struct ConfigScope {
  std::string file;              // as problems name it
  std::filesystem::path folder;  // relative paths in values start here
  Environment environment;
  PropertyCheck check_properties;  // may be null
  ConfigProblems problems;
  std::set<std::string> known_keys;  // all that were asked for, e.g. "targets[].tls.ca_file"
};

// Quoted, on one line and cut, for a message.
std::string Quote(std::string_view text);

// A value with its place.
struct TextValue {
  std::string text;     // with ${VAR} replaced
  std::string written;  // as the file has it: what a message may show of what is no secret
  int line = 0;
  std::string path;

  std::string quoted() const { return Quote(written); }
};

template <typename T>
using Choices = std::span<const std::pair<std::string_view, T>>;

class Section {
 public:
  // The mapping at `path` ("" for the whole file). Anything else is a problem, and read as empty;
  // so is a null node, silently.
  Section(ConfigScope& scope, YamlNodeRef node, int line, std::string path);

  const ConfigScope& scope() const { return *scope_; }
  bool Given(std::string_view key);
  bool IsEmptyList(std::string_view key);
  std::string PathOf(std::string_view key) const;
  // A problem at the key, or at the section when the key is not given.
  void Fail(std::string_view key, std::string text);
  void Fail(const TextValue& value, std::string text);
  // False when there is a problem at the key: its field is not what the user means.
  bool IsSound(std::string_view key) const;
  // Reports the key as missing; `what` says what it is for.
  void Require(std::string_view key, std::string_view what);

  std::optional<TextValue> Text(std::string_view key);
  void Read(std::string_view key, std::string& out);
  void Read(std::string_view key, bool& out);
  // A whole number in [least, most].
  void Read(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most);
  void Read(std::string_view key, std::uint32_t& out, std::uint32_t least, std::uint32_t most);
  void Read(std::string_view key, Duration& out, Duration least, Duration most);
  // A positive number, possibly with a fraction.
  void ReadPositive(std::string_view key, double& out);
  template <typename T>
  void Read(std::string_view key, T& out, Choices<T> choices);
  // A path; a relative one is relative to the configuration file.
  void ReadPath(std::string_view key, std::filesystem::path& out);
  // A text that must never be shown.
  std::optional<std::string> ReadSecret(std::string_view key);

  // A list of texts. `one_alone`: a single text is a list of one.
  std::vector<TextValue> Texts(std::string_view key, bool one_alone = false);
  Section Child(std::string_view key);
  // A list of mappings; what is none is a problem and left out.
  std::vector<Section> Children(std::string_view key);
  // The keys that nobody asked for, with their values: for a mapping with keys of the user's own.
  std::vector<std::pair<std::string, TextValue>> RemainingTexts();

  // The keys that are there and that nobody asked for so far.
  std::vector<std::string> UnknownKeys() const;
  // The keys that were asked for.
  const std::set<std::string, std::less<>>& asked() const { return asked_; }
  // Reports the unknown keys, each with the nearest known one.
  void Finish();

 private:
  const YamlNode::Entry* Ask(std::string_view key);
  std::optional<TextValue> Scalar(const YamlNode& node, int line, std::string path);
  void Add(int line, std::string path, std::string text);
  std::optional<std::uint64_t> WholeNumber(std::string_view key, std::uint64_t least,
                                           std::uint64_t most);
  std::optional<std::size_t> OneOf(std::string_view key, const std::vector<std::string>& names);

  ConfigScope* scope_;
  YamlNodeRef node_;  // a mapping, maybe an empty one
  int line_;
  std::string path_;
  std::set<std::string, std::less<>> asked_;
};

template <typename T>
void Section::Read(std::string_view key, T& out, Choices<T> choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.emplace_back(name);
  if (const auto index = OneOf(key, names)) out = choices[*index].second;
}

}  // namespace streamgauge
