#include "faults/witness.h"

#include <fmt/format.h>

#include <cctype>

#include "faults/sanitized.h"

namespace streamgauge::test {
namespace {

constexpr std::size_t kMostLies = 10;
// The agent forgets what it has not seen for a hundred polls: the sums of what comes back later
// begin anew. The fastest of our agents polls that often in so long.
constexpr std::chrono::seconds kForgets{29 * kSlowdown};
// The agent leaves figures out when they are too old; a scrape may have to wait for a processor.
constexpr std::chrono::milliseconds kStaleSlack{250 * kSlowdown};

WallMoment ToMoment(double unix_seconds) {
  return WallMoment(
      std::chrono::duration_cast<WallClock::duration>(std::chrono::duration<double>(unix_seconds)));
}

std::string Identity(const MetricSample& sample) {
  std::string text = sample.name;
  for (const auto& [name, value] : sample.labels) text += " " + name + "=" + value;
  return text;
}

}  // namespace

Witness::Witness(const AgentProcess& agent, World& world, std::chrono::milliseconds stale_after,
                 const ShiftedClock* clock)
    : agent_(agent), world_(world), stale_after_(stale_after), clock_(clock) {}

Glimpse Witness::Look() {
  Glimpse glimpse{.at = WallClock::now()};
  ++looks_;
  const HttpResponse response =
      HttpGet(agent_.port(), "/metrics", {}, std::chrono::milliseconds(1000 * kSlowdown));
  if (response.status != 200) {
    ++unanswered_;
    return glimpse;
  }
  const MetricsPage page = MetricsPage::Parse(response.body);
  const Labels of_target = {{"target", world_.target()}};
  glimpse.answered = true;
  if (const auto up = page.Value("streamgauge_target_up", of_target)) glimpse.up = *up > 0;
  glimpse.polls = page.Sum("streamgauge_polls_total", of_target);
  glimpse.polling_seconds = page.Sum("streamgauge_poll_duration_seconds_sum", of_target);
  glimpse.has_figures = !page.Find("streamgauge_stream_length", of_target).empty() ||
                        !page.Find("streamgauge_group_state", of_target).empty();
  for (const MetricSample& errors : page.Find("streamgauge_poll_errors_total", of_target)) {
    if (errors.value > 0) glimpse.errors[errors.labels.at("reason")] = errors.value;
  }
  if (const auto at = page.Value("streamgauge_poll_last_success_timestamp_seconds", of_target)) {
    glimpse.poll_ended = ToMoment(*at);
    if (clock_ != nullptr) {
      glimpse.poll_ended = clock_->RealMomentOf(*glimpse.poll_ended, WallClock::now());
    }
  }
  if (glimpse.poll_ended) glimpse.lies = world_.LiesOf(page, *glimpse.poll_ended);
  CheckCounters(page, glimpse.lies);
  CheckStaleness(glimpse, glimpse.lies);
  glimpse.missing = world_.MissingOn(page);
  glimpse.right = glimpse.up.value_or(false) && glimpse.lies.empty() && glimpse.missing.empty();
  Keep(glimpse);
  return glimpse;
}

void Witness::CheckCounters(const MetricsPage& page, std::vector<std::string>& lies) {
  const WallMoment now = WallClock::now();
  for (const MetricSample& sample : page.Counters()) {
    const auto [at, fresh] = counters_.try_emplace(Identity(sample));
    Counter& before = at->second;
    const bool forgotten = fresh || now - before.seen > kForgets;
    if (!forgotten && sample.value < before.value) {
      lies.push_back(
          fmt::format("{} fell from {} to {}", Identity(sample), before.value, sample.value));
    }
    before = {sample.value, now};
  }
}

void Witness::CheckStaleness(const Glimpse& glimpse, std::vector<std::string>& lies) const {
  if (!glimpse.has_figures) return;
  if (!glimpse.poll_ended) {
    lies.emplace_back("there are figures, and no poll that succeeded");
  } else if (glimpse.at - *glimpse.poll_ended > stale_after_ + kStaleSlack) {
    lies.push_back(fmt::format(
        "there are figures of {} ms ago",
        std::chrono::duration_cast<std::chrono::milliseconds>(glimpse.at - *glimpse.poll_ended)
            .count()));
  }
}

void Witness::Keep(const Glimpse& glimpse) {
  for (const std::string& lie : glimpse.lies) {
    std::string kind = lie;
    std::erase_if(kind, [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
    if (lies_.size() >= kMostLies || !kinds_.insert(kind).second) continue;
    lies_.push_back(fmt::format("{} (after {} polls, target_up {})", lie, glimpse.polls,
                                glimpse.up ? (*glimpse.up ? "1" : "0") : "absent"));
  }
}

std::string Glimpse::Describe() const {
  if (!answered) return "no page";
  std::string text = fmt::format("poll {}: {}", polls, up.value_or(false) ? "up" : "down");
  for (const std::string& one : missing) text += ", no " + one;
  for (const std::string& one : lies) text += ", false: " + one;
  return text;
}

}  // namespace streamgauge::test
