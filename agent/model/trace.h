// How the figures of one group come about, told by the code that computes them while it does: no
// rule is written down twice. In every poll but those of `streamgauge explain` the pointer to it is
// null, and all that it costs is to see that. Used by one thread.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamgauge {

class Trace {
 public:
  enum class Kind : std::uint8_t {
    kSection,  // name: what the following lines are about
    kInput,    // name, and text: a value that was read or remembered
    kRule,     // name: the rule; text: why; applies: whether it did
    kFigure    // name, and text: the value with its formula, or why it is unknown
  };
  struct Line {
    Kind kind = Kind::kInput;
    std::string name;
    std::string text;
    bool applies = false;
  };

  void Add(Line line) { lines_.push_back(std::move(line)); }
  void Clear() { lines_.clear(); }
  const std::vector<Line>& lines() const { return lines_; }

 private:
  std::vector<Line> lines_;
};

// Which group is traced, and where to.
struct TracedGroup {
  std::string stream;
  std::string group;
  Trace* trace = nullptr;

  // `trace` if it is this group, else null.
  Trace* For(std::string_view stream_name, std::string_view group_name) const {
    return stream_name == stream && group_name == group ? trace : nullptr;
  }
};

// Null unless this group is traced.
inline Trace* TraceOf(const TracedGroup* traced, std::string_view stream, std::string_view group) {
  return traced == nullptr ? nullptr : traced->For(stream, group);
}

// A value in words; what is absent is "unknown".
inline std::string Shown(bool value) { return value ? "yes" : "no"; }
// Four digits, and all of what is before the point: 604800, not 6.048e+05.
inline std::string Shown(double value) {
  return std::abs(value) >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
}
template <typename T>
std::string Shown(const T& value) {
  return fmt::format("{}", value);
}
template <typename T>
std::string Shown(const std::optional<T>& value) {
  return value ? Shown(*value) : "unknown";
}

inline void TellSection(Trace* trace, std::string_view title) {
  if (trace != nullptr) trace->Add({Trace::Kind::kSection, std::string(title), {}});
}

template <typename T>
void TellInput(Trace* trace, std::string_view name, const T& value) {
  if (trace != nullptr) trace->Add({Trace::Kind::kInput, std::string(name), Shown(value)});
}

template <typename T>
void TellFigure(Trace* trace, std::string_view name, const std::optional<T>& value) {
  if (trace != nullptr) trace->Add({Trace::Kind::kFigure, std::string(name), Shown(value)});
}
template <typename... Args>
void TellFigure(Trace* trace, std::string_view name, fmt::format_string<Args...> text,
                Args&&... args) {
  if (trace == nullptr) return;
  trace->Add(
      {Trace::Kind::kFigure, std::string(name), fmt::format(text, std::forward<Args>(args)...)});
}

// Returns `applies`, so that a rule is told where it is decided: if (Tried(trace, "...", a < b)).
inline bool Tried(Trace* trace, std::string_view rule, bool applies, std::string_view why = "") {
  if (trace != nullptr) {
    trace->Add({Trace::Kind::kRule, std::string(rule), std::string(why), applies});
  }
  return applies;
}

}  // namespace streamgauge
