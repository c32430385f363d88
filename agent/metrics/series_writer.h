// Writes the series of one metric: `name{target labels, item labels, own labels} value`. An absent
// value writes nothing; the first series writes the metric's header. Used by one thread.
//
// This is the innermost loop of a scrape (a Kafka target may have a million series), hence the
// copying of ready-made fragments and the single check for room.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "metrics/page_writer.h"

namespace streamgauge {

template <typename T>
concept Number = std::integral<T> || std::floating_point<T>;

// Longest text of a number: -1.7976931348623157e+308.
inline constexpr std::size_t kNumberSize = 25;

// Writes `value` and returns the end of it. REQUIRES: room for kNumberSize; no NaN.
template <std::integral T>
char* FormatNumber(T value, char* to) {
  return std::to_chars(to, to + kNumberSize, value).ptr;
}
inline char* FormatNumber(double value, char* to) {
  // Whole numbers, which most are, read better without an exponent and cost less.
  constexpr double kExactIntegers = 9e15;
  if (std::abs(value) < kExactIntegers) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return FormatNumber(whole, to);
  }
  if (std::isinf(value)) {
    std::memcpy(to, value > 0 ? "+Inf" : "-Inf", 4);
    return to + 4;
  }
  return std::to_chars(to, to + kNumberSize, value).ptr;
}

class SeriesWriter {
 public:
  // Both must outlive this.
  SeriesWriter(PageWriter& page, const Metric& metric) : page_(page), metric_(metric) {}

  // The target of the series that follow: a fragment like `system="redis",target="checkout"`.
  // Empty: they have no labels at all. `suffix` goes between the metric's name and the labels.
  void Target(std::string_view fragment, std::string_view suffix = "") {
    prefix_.assign(metric_.name).append(suffix);
    if (!fragment.empty()) prefix_.append("{").append(fragment);
    close_ = fragment.empty() ? " " : "} ";
    item_ = {};
  }
  // The item of the series that follow: `,stream="orders",group="billing"`, with the leading comma.
  void Item(std::string_view labels) { item_ = labels; }

  template <Number T>
  void Add(T value) {
    AddWith("", value);
  }
  template <Number T>
  void Add(const std::optional<T>& value) {
    if (value) AddWith("", *value);
  }

  // With a further fragment: `consumer="worker-1"`. Further labels need those of a target.
  template <Number T>
  void AddWith(std::string_view fragment, T value) {
    if (!IsPublishable(value)) return;
    char* at = Begin(fragment.size() + 1);
    if (!fragment.empty()) at = Copy(fragment, Copy(",", at));
    End(at, value);
  }
  template <Number T>
  void AddWith(std::string_view fragment, const std::optional<T>& value) {
    if (value) AddWith(fragment, *value);
  }

  // With a further label whose value needs no escaping: from a closed list, or a number.
  template <Number T>
  void AddLabelled(std::string_view label, std::string_view text, T value) {
    char* at = Begin(label.size() + text.size() + 4);
    at = Copy("\"", Copy(text, Copy("=\"", Copy(label, Copy(",", at)))));
    End(at, value);
  }
  template <Number T>
  void AddPartition(std::int32_t partition, const std::optional<T>& value) {
    if (!value || !IsPublishable(*value)) return;
    constexpr std::string_view kLabel = ",partition=\"";
    char* at = Begin(kLabel.size() + kNumberSize + 1);
    at = Copy("\"", FormatNumber(partition, Copy(kLabel, at)));
    End(at, *value);
  }

  // How many series were written.
  std::uint64_t count() const { return count_; }

 private:
  template <Number T>
  static bool IsPublishable(T value) {
    if constexpr (std::floating_point<T>) return !std::isnan(value);  // NaN is no figure
    return true;
  }

  // Unlike memcpy, this may be given an empty view without an address.
  static char* Copy(std::string_view text, char* to) { return to + text.copy(to, text.size()); }

  // Everything up to the series' own labels; room for those, the value and the end.
  char* Begin(std::size_t own_labels) {
    if (count_++ == 0) page_.Header(metric_);
    char* at = page_.Reserve(prefix_.size() + item_.size() + own_labels + kNumberSize + 4);
    return Copy(item_, Copy(prefix_, at));
  }
  template <Number T>
  void End(char* at, T value) {
    at = FormatNumber(value, Copy(close_, at));
    *at++ = '\n';
    page_.Commit(at);
  }

  PageWriter& page_;
  const Metric& metric_;
  std::string prefix_;
  std::string_view close_;
  std::string_view item_;
  std::uint64_t count_ = 0;
};

}  // namespace streamgauge
