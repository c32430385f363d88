#include "config/yaml_node.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <string_view>

namespace streamgauge {
namespace {

// Far above any real configuration: what is larger is not one.
constexpr std::size_t kMaxBytes = std::size_t{4} * 1024 * 1024;
// In the whole document: a thousand targets of ten keys. Each key is compared with those beside it,
// and each problem with those before it: a hundred thousand keep a processor busy for half a
// minute.
constexpr std::size_t kMaxKeys = 10'000;

struct TooManyKeys {
  int line = 0;  // of the first key too many
};

// yaml-cpp takes such bytes for UTF-16 or UTF-32 and reads something else than stands there: even
// nothing, which as a web configuration would open the door.
bool IsOtherThanUtf8(std::string_view text) {
  return text.find('\0') != std::string_view::npos || text.starts_with("\xFE\xFF") ||
         text.starts_with("\xFF\xFE");
}

// yaml-cpp lets the end of the file close a quote that is open, if blanks or line ends come before
// it, and takes all the rest for a text. A comment behind them is content where a quote is open,
// and then the end is one that it refuses.
std::string WithoutBlankEnd(std::string text) {
  if (text.ends_with(' ') || text.ends_with('\t')) text += '\n';
  if (text.ends_with('\n') || text.ends_with('\r')) text += '#';
  return text;
}

// The parser's words are about its own state: what to look for in the file. First match wins.
struct Hint {
  std::string_view said;
  std::string_view advice;
};
constexpr auto kHints = std::to_array<Hint>({
    {"EOF in scalar", "is every quote closed?"},
    {"bad file", "lists and mappings stand in each other more than 498 deep"},
    {"flow", "is every { and [ closed, and every text with one of { } [ ] , # in quotes?"},
    {"illegal map value", "does a text with \": \" in it stand in quotes?"},
    {"end of sequence", "is it indented like the keys and lists around it?"},
    {"end of map", "is it indented like the keys and lists around it?"},
    {"illegal block entry", "is it indented like the keys and lists around it?"},
    {"illegal map key", "is it indented like the keys and lists around it?"},
});

std::string_view LineOf(std::string_view text, int line) {
  for (; line > 0 && !text.empty(); --line) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Empty where there is nothing to say.
std::string_view HintFor(std::string_view message, std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin != std::string_view::npos && line[begin] == '\t') {
    return "tabs do not indent: write spaces";
  }
  const auto found = std::ranges::find_if(
      kHints, [&](const Hint& hint) { return message.find(hint.said) != std::string_view::npos; });
  return found == kHints.end() ? "" : found->advice;
}

// Puts the tree together from the parser's events.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string file) : file_(std::move(file)) {}

  YamlNodeRef root() const { return root_ ? root_ : std::make_shared<YamlNode>(); }
  ConfigProblems& problems() { return problems_; }
  void AddProblem(const YAML::Mark& mark, std::string text) {
    problems_.push_back({file_, mark.line + 1, "", std::move(text)});
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Complete(MakeNode(YamlNode::Kind::kNull, mark), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseTag(mark, tag);
    auto node = MakeNode(YamlNode::Kind::kScalar, mark);
    node->scalar = value;
    Complete(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found != anchors_.end()) return Complete(found->second, 0);
    AddProblem(mark, "an alias refers to something that it is part of");
    Complete(MakeNode(YamlNode::Kind::kNull, mark), 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    RefuseTag(mark, tag);
    open_.push_back({.node = MakeNode(YamlNode::Kind::kSequence, mark), .anchor = anchor});
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    RefuseTag(mark, tag);
    open_.push_back({.node = MakeNode(YamlNode::Kind::kMapping, mark), .anchor = anchor});
  }
  void OnMapEnd() override { Close(); }

 private:
  // A sequence or mapping whose end has not come yet.
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    YamlNodeRef key = nullptr;  // the key that waits for its value
  };

  static std::shared_ptr<YamlNode> MakeNode(YamlNode::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = mark.line + 1;
    return node;
  }

  // "?" and "!" are the parser's own marks for plain and quoted.
  void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      AddProblem(mark, fmt::format("YAML tags are not supported ({})", tag));
    }
  }

  void Close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    Complete(std::move(closed.node), closed.anchor);
  }

  void Complete(YamlNodeRef node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::kSequence) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      AddEntry(*parent.node, *parent.key, std::move(node));
      parent.key = nullptr;
    }
  }

  void AddEntry(YamlNode& mapping, const YamlNode& key, YamlNodeRef value) {
    if (++keys_ > kMaxKeys) throw TooManyKeys{key.line};
    if (key.kind != YamlNode::Kind::kScalar) {
      problems_.push_back({file_, key.line, "",
                           fmt::format("a key must be a word, this one is {}", key.Describe())});
      return;
    }
    if (key.scalar == "<<") {
      problems_.push_back({file_, key.line, "", "merge keys (<<) are not supported"});
      return;
    }
    if (const YamlNode::Entry* first = mapping.Find(key.scalar)) {
      problems_.push_back(
          {file_, key.line, "",
           fmt::format("the key \"{}\" stands here a second time (first in line {})", key.scalar,
                       first->line)});
      return;
    }
    mapping.entries.push_back({key.scalar, key.line, std::move(value)});
  }

  std::string file_;
  YamlNodeRef root_;
  std::size_t keys_ = 0;  // so far, in all mappings
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNodeRef> anchors_;
  ConfigProblems problems_;
};

}  // namespace

const YamlNode::Entry* YamlNode::Find(std::string_view key) const {
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() ? nullptr : &*found;
}

std::string_view YamlNode::Describe() const {
  switch (kind) {
    case Kind::kNull:
      return "empty";
    case Kind::kScalar:
      return "a text";
    case Kind::kSequence:
      return "a list";
    case Kind::kMapping:
      return "a mapping";
  }
  return "";
}

std::expected<YamlDocument, ConfigProblems> ParseYaml(const std::string& text,
                                                      const std::string& file) {
  if (text.size() > kMaxBytes) {
    return std::unexpected(ConfigProblems{{file, 0, "", "the file is larger than 4 MiB"}});
  }
  if (IsOtherThanUtf8(text)) {
    return std::unexpected(
        ConfigProblems{{file, 0, "", "is not UTF-8 text; save it as UTF-8 without NUL bytes"}});
  }
  TreeBuilder builder(file);
  try {
    std::istringstream stream(WithoutBlankEnd(text));
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder rest(file);
    if (parser.HandleNextDocument(rest)) {
      builder.problems().push_back(
          {file, rest.root()->line, "", "a second YAML document starts here; one is allowed"});
    }
  } catch (const TooManyKeys& e) {
    builder.problems().push_back(
        {file, e.line, "", fmt::format("the file has more than {} keys", kMaxKeys)});
    return std::unexpected(std::move(builder.problems()));
  } catch (const YAML::Exception& e) {
    const std::string_view hint = HintFor(e.msg, LineOf(text, e.mark.line));
    builder.AddProblem(
        e.mark, fmt::format("not valid YAML: {}{}{}", e.msg, hint.empty() ? "" : "; ", hint));
    return std::unexpected(std::move(builder.problems()));
  }
  return YamlDocument{builder.root(), std::move(builder.problems())};
}

}  // namespace streamgauge
