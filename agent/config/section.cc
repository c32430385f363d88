#include "config/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "config/duration.h"
#include "config/suggestion.h"

namespace streamgauge {
namespace {

std::string Join(std::string_view path, std::string_view key) {
  const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  // In a file with a quote too many, a key holds others with their values, secret ones too.
  if (!plain) return fmt::format("{}[{}]", path, Quote(key.substr(0, key.find(": "))));
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

// targets[1].name -> targets[].name
std::string WithoutIndices(std::string_view path) {
  std::string result;
  for (std::size_t i = 0; i < path.size(); ++i) {
    result += path[i];
    if (path[i] != '[') continue;
    while (i + 1 < path.size() && path[i + 1] >= '0' && path[i + 1] <= '9') ++i;
  }
  return result;
}

std::string NotAMapping(const YamlNode& node) {
  return fmt::format("must be a mapping (key: value), this is {}", node.Describe());
}

bool IsGiven(const YamlNode::Entry* entry) {
  return entry != nullptr && entry->value->kind != YamlNode::Kind::kNull;
}

// The whole of `text` as a number.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

// Digits, maybe after a minus sign.
bool IsWholeNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string Quote(std::string_view text) {
  // Long enough to be recognised, short enough for a line.
  constexpr std::size_t kLongest = 60;
  std::string shown(text.substr(0, kLongest));
  std::ranges::replace_if(shown, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return fmt::format("\"{}{}\"", shown, text.size() > kLongest ? "..." : "");
}

Section::Section(ConfigScope& scope, YamlNodeRef node, int line, std::string path)
    : scope_(&scope), node_(std::move(node)), line_(line), path_(std::move(path)) {
  if (node_->kind == YamlNode::Kind::kMapping) return;
  if (node_->kind != YamlNode::Kind::kNull) {
    Add(line_, path_, NotAMapping(*node_));
  }
  auto empty = std::make_shared<YamlNode>();
  empty->kind = YamlNode::Kind::kMapping;
  node_ = std::move(empty);
}

bool Section::Given(std::string_view key) { return IsGiven(Ask(key)); }

bool Section::IsEmptyList(std::string_view key) {
  const YamlNode::Entry* entry = Ask(key);
  return entry != nullptr && entry->value->kind == YamlNode::Kind::kSequence &&
         entry->value->items.empty();
}

std::string Section::PathOf(std::string_view key) const { return Join(path_, key); }

void Section::Fail(std::string_view key, std::string text) {
  const YamlNode::Entry* entry = node_->Find(key);
  Add(entry != nullptr ? entry->line : line_, PathOf(key), std::move(text));
}

void Section::Fail(const TextValue& value, std::string text) {
  Add(value.line, value.path, std::move(text));
}

bool Section::IsSound(std::string_view key) const {
  return std::ranges::find(scope_->problems, PathOf(key), &ConfigProblem::path) ==
         scope_->problems.end();
}

void Section::Require(std::string_view key, std::string_view what) {
  if (!Given(key)) Fail(key, fmt::format("is missing: {}", what));
}

std::optional<TextValue> Section::Text(std::string_view key) {
  const YamlNode::Entry* entry = Ask(key);
  if (!IsGiven(entry)) return std::nullopt;
  return Scalar(*entry->value, entry->line, PathOf(key));
}

void Section::Read(std::string_view key, std::string& out) {
  if (auto value = Text(key)) out = std::move(value->text);
}

void Section::Read(std::string_view key, bool& out) {
  const auto value = Text(key);
  if (!value) return;
  if (value->text == "true" || value->text == "false") {
    out = value->text == "true";
  } else {
    Fail(*value, fmt::format("{} is neither true nor false", value->quoted()));
  }
}

void Section::Read(std::string_view key, std::uint64_t& out, std::uint64_t least,
                   std::uint64_t most) {
  if (const auto number = WholeNumber(key, least, most)) out = *number;
}

void Section::Read(std::string_view key, std::uint32_t& out, std::uint32_t least,
                   std::uint32_t most) {
  if (const auto number = WholeNumber(key, least, most)) out = static_cast<std::uint32_t>(*number);
}

void Section::Read(std::string_view key, Duration& out, Duration least, Duration most) {
  const auto value = Text(key);
  if (!value) return;
  const auto duration = ParseDuration(value->text);
  if (!duration && ParseNumber<std::uint64_t>(value->text)) {
    Fail(*value, fmt::format("{} has no unit (try {}s)", value->quoted(), value->text));
  } else if (!duration) {
    Fail(*value, fmt::format("{} is not a duration (try 5s, 2m)", value->quoted()));
  } else if (*duration < least || *duration > most) {
    Fail(*value, fmt::format("{} is out of range ({} to {})", value->quoted(),
                             FormatDuration(least), FormatDuration(most)));
  } else {
    out = *duration;
  }
}

void Section::ReadPositive(std::string_view key, double& out) {
  const auto value = Text(key);
  if (!value) return;
  const auto number = ParseNumber<double>(value->text);
  if (!number) {
    Fail(*value, fmt::format("{} is not a number (try 30)", value->quoted()));
  } else if (!std::isfinite(*number) || *number <= 0) {
    Fail(*value, fmt::format("{} is out of range (more than 0)", value->quoted()));
  } else {
    out = *number;
  }
}

void Section::ReadPath(std::string_view key, std::filesystem::path& out) {
  const auto value = Text(key);
  if (!value) return;
  if (value->text.empty()) return Fail(*value, "is an empty path");
  out = (scope_->folder / value->text).lexically_normal();
}

std::optional<std::string> Section::ReadSecret(std::string_view key) {
  auto value = Text(key);
  if (!value) return std::nullopt;
  if (value->text.empty()) {
    Fail(*value, "is empty; leave the key out where there is no password");
    return std::nullopt;
  }
  return std::move(value->text);
}

std::vector<TextValue> Section::Texts(std::string_view key, bool one_alone) {
  const YamlNode::Entry* entry = Ask(key);
  if (!IsGiven(entry)) return {};
  std::vector<TextValue> values;
  if (one_alone && entry->value->kind == YamlNode::Kind::kScalar) {
    if (auto value = Scalar(*entry->value, entry->line, PathOf(key))) values.push_back(*value);
    return values;
  }
  if (entry->value->kind != YamlNode::Kind::kSequence) {
    Fail(key, fmt::format("must be a list ([a, b]), this is {}", entry->value->Describe()));
    return {};
  }
  for (std::size_t i = 0; i < entry->value->items.size(); ++i) {
    const YamlNode& item = *entry->value->items[i];
    auto value = Scalar(item, item.line, fmt::format("{}[{}]", PathOf(key), i));
    if (value) values.push_back(std::move(*value));
  }
  return values;
}

Section Section::Child(std::string_view key) {
  const YamlNode::Entry* entry = Ask(key);
  if (entry == nullptr) return {*scope_, std::make_shared<YamlNode>(), line_, PathOf(key)};
  return {*scope_, entry->value, entry->line, PathOf(key)};
}

std::vector<Section> Section::Children(std::string_view key) {
  const YamlNode::Entry* entry = Ask(key);
  if (!IsGiven(entry)) return {};
  if (entry->value->kind != YamlNode::Kind::kSequence) {
    Fail(key, fmt::format("must be a list of mappings (- key: value), this is {}",
                          entry->value->Describe()));
    return {};
  }
  std::vector<Section> children;
  for (std::size_t i = 0; i < entry->value->items.size(); ++i) {
    const YamlNodeRef& item = entry->value->items[i];
    const std::string path = fmt::format("{}[{}]", PathOf(key), i);
    if (item->kind == YamlNode::Kind::kNull) {
      Add(item->line, path, "is empty");
      continue;
    }
    if (item->kind != YamlNode::Kind::kMapping) {
      Add(item->line, path, NotAMapping(*item));
      continue;
    }
    children.emplace_back(*scope_, item, item->line, path);
  }
  return children;
}

std::vector<std::pair<std::string, TextValue>> Section::RemainingTexts() {
  std::vector<std::pair<std::string, TextValue>> texts;
  for (const YamlNode::Entry& entry : node_->entries) {
    if (!asked_.insert(entry.key).second) continue;
    if (auto value = Scalar(*entry.value, entry.line, PathOf(entry.key))) {
      texts.emplace_back(entry.key, std::move(*value));
    }
  }
  return texts;
}

std::vector<std::string> Section::UnknownKeys() const {
  std::vector<std::string> keys;
  for (const YamlNode::Entry& entry : node_->entries) {
    if (!asked_.contains(entry.key)) keys.push_back(entry.key);
  }
  return keys;
}

void Section::Finish() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const std::string& key : UnknownKeys()) {
    const auto nearest = NearestWord(key, known);
    Fail(key, nearest ? fmt::format("unknown key; did you mean {}?", *nearest)
                      : fmt::format("unknown key; allowed are {}", JoinWords(known)));
  }
}

const YamlNode::Entry* Section::Ask(std::string_view key) {
  if (asked_.emplace(key).second) scope_->known_keys.insert(WithoutIndices(PathOf(key)));
  return node_->Find(key);
}

std::optional<TextValue> Section::Scalar(const YamlNode& node, int line, std::string path) {
  if (node.kind != YamlNode::Kind::kScalar) {
    Add(line, std::move(path),
        fmt::format("must be a text or number, this is {}", node.Describe()));
    return std::nullopt;
  }
  auto expanded = ExpandVariables(node.scalar, scope_->environment);
  if (!expanded) {
    Add(line, std::move(path), std::move(expanded.error()));
    return std::nullopt;
  }
  return TextValue{std::move(*expanded), node.scalar, line, std::move(path)};
}

void Section::Add(int line, std::string path, std::string text) {
  scope_->problems.push_back({scope_->file, line, std::move(path), std::move(text)});
}

std::optional<std::uint64_t> Section::WholeNumber(std::string_view key, std::uint64_t least,
                                                  std::uint64_t most) {
  const auto value = Text(key);
  if (!value) return std::nullopt;
  if (!IsWholeNumber(value->text)) {
    Fail(*value, fmt::format("{} is not a whole number", value->quoted()));
    return std::nullopt;
  }
  const auto number = ParseNumber<std::uint64_t>(value->text);
  // What is negative or does not fit into 64 bits is out of range too.
  if (!number || *number < least || *number > most) {
    Fail(*value, fmt::format("{} is out of range ({} to {})", value->quoted(), least, most));
    return std::nullopt;
  }
  return number;
}

std::optional<std::size_t> Section::OneOf(std::string_view key,
                                          const std::vector<std::string>& names) {
  const auto value = Text(key);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(names, value->text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const auto nearest = NearestWord(value->text, names);
  Fail(*value,
       nearest ? fmt::format("{} is not allowed; did you mean {}? (allowed: {})", value->quoted(),
                             *nearest, JoinWords(names))
               : fmt::format("{} is not allowed (allowed: {})", value->quoted(), JoinWords(names)));
  return std::nullopt;
}

}  // namespace streamgauge
