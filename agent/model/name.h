// A name of a stream, group or consumer, kept once and shared by everything that mentions it,
// together with the label fragment that all its series print. Immutable; any thread may read it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace streamgauge {

// What a name names. It is also the Prometheus label name.
enum class NameKind : std::uint8_t { kStream, kGroup, kConsumer };

std::string_view ToString(NameKind kind);

// A name as text for people, JSON and labels. Bytes that are not valid UTF-8 (Redis keys are
// arbitrary bytes), and NUL, become "\xNN" written out, and so does the backslash of a name that
// holds such a text itself: two different names never look the same.
std::string Readable(std::string_view name);

// Readable(name) for a terminal: control characters, which would move its cursor, are "\xNN", too.
std::string OnOneLine(std::string_view name);

// The name of which Readable or OnOneLine made `text`. Other texts are what they are.
std::string FromReadable(std::string_view text);

// Appends Readable(value), escaped for a Prometheus label value (backslash, quote and line feed).
void AppendEscapedLabelValue(std::string_view value, std::string& out);

class Name {
 public:
  Name(NameKind kind, std::string_view text);

  // The name as the server gave it: arbitrary bytes.
  std::string_view text() const { return text_; }
  // E.g. `stream="orders"`: no comma, no braces.
  std::string_view fragment() const { return fragment_; }

 private:
  std::string text_;
  std::string fragment_;
};

using NameRef = std::shared_ptr<const Name>;

// Owned by a source and used by its thread alone.
class NameTable {
 public:
  explicit NameTable(NameKind kind) : kind_(kind) {}

  // The shared name for `text`, made at its first sight.
  NameRef Intern(std::string_view text);
  // Drops the names that nobody else holds any more. Linear; call it about once a minute.
  void Sweep();
  std::size_t size() const { return names_.size(); }

 private:
  NameKind kind_;
  // The key views the Name's own text, which never moves.
  std::unordered_map<std::string_view, NameRef> names_;
};

}  // namespace streamgauge
