#include "explain/explain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "model/name.h"
#include "preflight/wrapped_text.h"
#include "signals/words.h"

namespace streamgauge {
namespace {

constexpr std::size_t kColumns = 100;
// Of a group with many consumers the ones with the most pending entries tell most.
constexpr std::size_t kMostConsumers = 20;

class Text {
 public:
  explicit Text(const Explanation& of) : of_(of), group_(of.report.reading.groups[of.group]) {}

  std::string Write() {
    WriteHead();
    for (const Trace::Line& line : of_.trace.lines()) WriteLine(line);
    WriteConsumers();
    WriteEnd();
    return std::move(text_);
  }

 private:
  void WriteHead() {
    const Reading& reading = of_.report.reading;
    const ExplainRequest& request = of_.request;
    std::string head = fmt::format("{}: stream {}, group {}", request.target,
                                   OnOneLine(request.stream), OnOneLine(request.group));
    head += fmt::format(" ({}{}{}; {})", reading.version, reading.version.empty() ? "" : ", ",
                        reading.mode, Polls(request));
    Wrapped("", head);
  }

  static std::string Polls(const ExplainRequest& request) {
    if (request.polls == 1) return "one poll";
    return fmt::format("the last of {} polls, {} apart", request.polls,
                       DurationWords(ToSeconds(request.every)));
  }

  void WriteLine(const Trace::Line& line) {
    switch (line.kind) {
      case Trace::Kind::kSection:
        section_ = line.name;  // one without lines is not shown
        return;
      case Trace::Kind::kInput:
        return Wrapped(fmt::format("  {:<32}  ", line.name), line.text);
      case Trace::Kind::kRule:
        return Wrapped(line.applies ? "  yes  " : "  no   ",
                       line.name + (line.text.empty() ? "" : " -- " + line.text));
      case Trace::Kind::kFigure:
        return Wrapped("  =    ", line.name + ": " + line.text);
    }
  }

  void WriteConsumers() {
    section_ = "consumers";
    std::vector<const ConsumerReading*> consumers;
    consumers.reserve(group_.consumers.size());
    for (const ConsumerReading& one : group_.consumers) consumers.push_back(&one);
    std::ranges::stable_sort(consumers, std::greater(),
                             [](const ConsumerReading* one) { return one->pending.value_or(0); });
    for (std::size_t i = 0; i < std::min(consumers.size(), kMostConsumers); ++i) {
      const ConsumerReading& one = *consumers[i];
      Wrapped(fmt::format("  {:<32}  ", OnOneLine(one.name->text())),
              fmt::format("pending {}, idle {}, {}", Shown(one.pending), Age(one.idle_seconds),
                          one.never_read ? "never read" : "inactive " + Age(one.inactive_seconds)));
    }
    if (consumers.size() > kMostConsumers) {
      Wrapped("  ", fmt::format("and {} more", consumers.size() - kMostConsumers));
    }
  }

  void WriteEnd() {
    section_ = "verdict in words";
    Wrapped("  ", ReasonInWords(of_.report, of_.group));
    if (!of_.report.groups[of_.group].evidence.Has(Cause::kTooYoung)) return;
    Wrapped("  ", fmt::format("A verdict takes a window, {}: see the running agent's at "
                              "/api/v1/groups, or watch for one here by {}.",
                              DurationWords(ToSeconds(of_.window)), AWindowOfPolls()));
  }

  // As often as a trend needs, and no oftener than a second.
  std::string AWindowOfPolls() const {
    const auto every = std::max<std::int64_t>(1, of_.window.count() / 1000 / 20);
    return fmt::format("--polls {} --every {}s", of_.window.count() / 1000 / every + 2, every);
  }

  static std::string Age(const std::optional<double>& seconds) {
    return seconds ? DurationWords(*seconds) : "unknown";
  }

  void Wrapped(std::string_view head, std::string_view words) {
    if (!section_.empty()) text_ += "\n" + section_ + "\n";
    section_.clear();
    text_ += WrappedText(head, words, kColumns);
  }

  const Explanation& of_;
  const GroupReading& group_;
  std::string section_;  // announced and not shown yet
  std::string text_;
};

}  // namespace

std::string ExplainText(const Explanation& explanation) { return Text(explanation).Write(); }

}  // namespace streamgauge
