#include "faults/redis_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "faults/sanitized.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kKeptEntries = 400;
// In an outage fewer entries are added than the stream holds: what a group had read stays in sight.
constexpr milliseconds kBetweenSteps{15 * kSlowdown};
// How long before its end a poll may have taken its snapshot: more than a poll's time budget.
constexpr milliseconds kLongestPoll{1000 * kSlowdown};
constexpr milliseconds kClockNoise{5};
constexpr double kAgeNoise = 0.006;
constexpr int kTrimEvery = 40;
constexpr int kBurstEvery = 20;  // steps between two reads of the group that reads in bursts

double Seconds(WallClock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string Describe(const RedisStreamTruth& truth) {
  if (!truth.exists) return "not there";
  std::string text = fmt::format("length {}", truth.length);
  for (const auto& [name, group] : truth.groups) {
    text += fmt::format(", {} lag {} pending {}", name, group.lag, group.pending);
  }
  return text;
}

bool Is(const std::optional<double>& figure, std::uint64_t truth) {
  return !figure || *figure == static_cast<double>(truth);
}

// What a page says of one stream, where it says it.
struct Said {
  std::optional<double> length;
  struct Group {
    std::optional<double> lag;
    std::optional<double> pending;
    std::optional<double> backlog;
  };
  std::map<std::string, Group> groups;

  Said(const MetricsPage& page, const Labels& labels, const RedisStreamTruth& example) {
    length = page.Value("streamgauge_stream_length", labels);
    for (const auto& [name, group] : example.groups) {
      Labels of_group = labels;
      of_group["group"] = name;
      groups[name] = {.lag = page.Value("streamgauge_group_lag", of_group),
                      .pending = page.Value("streamgauge_group_pending", of_group),
                      .backlog = page.Value("streamgauge_group_backlog", of_group)};
    }
  }

  bool Fits(const RedisStreamTruth& truth) const {
    return truth.exists && Is(length, truth.length) &&
           std::ranges::all_of(groups, [&](const auto& item) {
             const RedisStreamTruth::Group& group = truth.groups.at(item.first);
             return Is(item.second.lag, group.lag) && Is(item.second.pending, group.pending) &&
                    Is(item.second.backlog, group.lag + group.pending);
           });
  }
  std::string Describe() const {
    std::string text = fmt::format("length {}", length.value_or(-1));
    for (const auto& [name, group] : groups) {
      text += fmt::format(", {} lag {} pending {}", name, group.lag.value_or(-1),
                          group.pending.value_or(-1));
    }
    return text;
  }
};

// Verdicts that would be false of a group of this world, whatever happens to the server.
const std::map<std::string, std::vector<std::string>>& FalseVerdicts() {
  static const std::map<std::string, std::vector<std::string>> kFalse = {
      {"keeps-up", {"losing_data", "rewound", "stalled", "no_consumers", "falling_behind"}},
      {"in-bursts", {"losing_data", "rewound", "stalled", "no_consumers"}},
      {"nobody", {"rewound", "ok", "catching_up"}},
      {"asleep", {"losing_data", "rewound", "catching_up", "falling_behind"}}};
  return kFalse;
}

const std::vector<std::string>& FiguresOfStream() {
  static const std::vector<std::string> kNames = {"streamgauge_stream_length",
                                                  "streamgauge_stream_appended_total",
                                                  "streamgauge_stream_groups"};
  return kNames;
}

const std::vector<std::string>& FiguresOfGroup() {
  static const std::vector<std::string> kNames = {
      "streamgauge_group_lag",        "streamgauge_group_pending",
      "streamgauge_group_backlog",    "streamgauge_group_lag_seconds",
      "streamgauge_group_state",      "streamgauge_group_delivered_total",
      "streamgauge_group_lost_total", "streamgauge_group_acknowledged_total"};
  return kNames;
}

}  // namespace

RedisStreamModel::RedisStreamModel(std::vector<std::string> groups) {
  for (std::string& group : groups) {
    next_[group] = 0;
    truth_.groups[std::move(group)] = {};
  }
}

void RedisStreamModel::Add(std::int64_t id_ms) {
  ids_.push_back(id_ms);
  ++truth_.appended;
  truth_.exists = true;
  Recount();
}

void RedisStreamModel::Trim(std::size_t most) {
  while (ids_.size() > most) {
    for (auto& [name, next] : next_) {
      if (next > first_) continue;
      next = first_ + 1;
      ++truth_.groups[name].lost;
    }
    ids_.pop_front();
    ++first_;
    ++truth_.removed;
  }
  Recount();
}

void RedisStreamModel::Read(const std::string& group, std::uint64_t count) {
  next_[group] += count;
  truth_.groups[group].delivered += count;
  truth_.groups[group].pending += count;
  Recount();
}

void RedisStreamModel::Acknowledge(const std::string& group, std::uint64_t count) {
  truth_.groups[group].acknowledged += count;
  truth_.groups[group].pending -= count;
}

void RedisStreamModel::Vanish() {
  first_ += ids_.size();
  ids_.clear();
  truth_.exists = false;
  for (auto& [name, next] : next_) {
    next = first_;
    truth_.groups[name].pending = 0;
  }
  Recount();
}

void RedisStreamModel::Recount() {
  truth_.length = ids_.size();
  for (auto& [name, group] : truth_.groups) {
    const std::uint64_t at = next_[name] - first_;
    group.lag = ids_.size() - at;
    group.oldest_unread_ms.reset();
    if (at < ids_.size()) group.oldest_unread_ms = ids_[at];
  }
}

RedisWorld::RedisWorld(std::uint16_t port, std::string target, const std::string& prefix)
    : World(std::move(target)),
      orders_(prefix + "orders"),
      quiet_(prefix + "quiet"),
      port_(port),
      client_(port) {
  streams_[orders_].model = RedisStreamModel({"keeps-up", "in-bursts", "nobody"});
  streams_[quiet_].model = RedisStreamModel({"asleep"});
  ClockIsAhead(milliseconds(0));
  Fill();
  SetInMotion(kBetweenSteps);
}

void RedisWorld::TotalsMayFallShort() {
  const std::lock_guard lock(totals_mutex_);
  for (auto& [name, stream] : streams_) {
    for (auto& [total, check] : stream.totals) check.MayFallShort();
  }
}

void RedisWorld::Step() {
  ++steps_;
  Add(orders_);
  if (steps_ % 3 == 0) Add(orders_);
  Read(orders_, "keeps-up", 10);
  Acknowledge(orders_, "keeps-up");
  // All at once: while entries are removed, nobody can count.
  if (steps_ % kTrimEvery == 0) Trim(orders_);
  if (steps_ % kBurstEvery == 0) Read(orders_, "in-bursts", 1000);
  if (steps_ % kBurstEvery == kBurstEvery / 2) Acknowledge(orders_, "in-bursts");
}

template <typename Apply>
void RedisWorld::Change(const std::string& stream, const RedisCommand& command, Apply apply) {
  Stream& changed = streams_[stream];
  const WallMoment sent = WallClock::now();
  const RedisReply reply = client_.TryCommand(command);
  if (reply.IsError()) return;  // it did nothing: out of memory, read-only
  apply(changed.model, reply);
  Note(changed, sent);
}

void RedisWorld::Note(Stream& stream, WallMoment sent) {
  stream.ledger.Note(sent, stream.model.truth());
}

void RedisWorld::Add(const std::string& stream) {
  Change(stream, {"XADD", stream, "*", "field", "value"},
         [](RedisStreamModel& model, const RedisReply& id) { model.Add(std::stoll(id.text)); });
}

void RedisWorld::Trim(const std::string& stream) {
  Change(stream, {"XTRIM", stream, "MAXLEN", "=", std::to_string(kKeptEntries)},
         [](RedisStreamModel& model, const RedisReply&) { model.Trim(kKeptEntries); });
}

void RedisWorld::Read(const std::string& stream, const std::string& group, int count) {
  Change(stream,
         {"XREADGROUP", "GROUP", group, "worker", "COUNT", std::to_string(count), "STREAMS", stream,
          ">"},
         [&](RedisStreamModel& model, const RedisReply& reply) {
           if (reply.IsNil()) return;
           const auto& entries = reply[0][1].elements;
           model.Read(group, entries.size());
           for (const RedisReply& entry : entries) unacknowledged_[group].push_back(entry[0].text);
         });
}

void RedisWorld::Acknowledge(const std::string& stream, const std::string& group) {
  std::vector<std::string>& ids = unacknowledged_[group];
  if (ids.empty()) return;
  RedisCommand command = {"XACK", stream, group};
  command.insert(command.end(), ids.begin(), ids.end());
  Change(stream, command, [&](RedisStreamModel& model, const RedisReply& count) {
    model.Acknowledge(group, static_cast<std::uint64_t>(count.integer));
    ids.clear();
  });
}

void RedisWorld::Reconnect() { MoveTo(port_); }

void RedisWorld::MoveTo(std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  port_ = port;
  client_ = RedisClient(port);
}

void RedisWorld::Vanish() {
  unacknowledged_.clear();
  for (auto& [name, stream] : streams_) {
    stream.model.Vanish();
    Note(stream, WallClock::now());
  }
}

// With its consumer at once: without one it has no_consumers.
void RedisWorld::CreateGroup(const std::string& stream, const std::string& group) {
  client_.Command({"MULTI"});
  client_.Command({"XGROUP", "CREATE", stream, group, "0"});
  if (group != "nobody") client_.Command({"XGROUP", "CREATECONSUMER", stream, group, "worker"});
  client_.Command({"EXEC"});
}

void RedisWorld::Fill() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, stream] : streams_) {
    Add(name);
    for (const auto& [group, truth] : stream.model.truth().groups) CreateGroup(name, group);
  }
  for (std::size_t i = 0; i < kKeptEntries; ++i) Add(orders_);
  for (int i = 0; i < 4; ++i) Add(quiet_);
  Read(quiet_, "asleep", 2);
  for (const char* group : {"keeps-up", "in-bursts"}) Read(orders_, group, 1000);
}

std::vector<std::string> RedisWorld::LiesOf(const MetricsPage& page, WallMoment poll_ended) {
  std::vector<std::string> lies;
  // What was under way when the agent looked is noted by then.
  const std::scoped_lock lock(mutex_, totals_mutex_);
  for (const auto& [name, stream] : streams_) CheckStream(name, page, poll_ended, lies);
  return lies;
}

void RedisWorld::CheckStream(const std::string& name, const MetricsPage& page,
                             WallMoment poll_ended, std::vector<std::string>& lies) {
  Stream& stream = streams_.at(name);
  const Labels labels = {{"target", target()}, {"stream", name}};
  const auto spans = stream.ledger.Between(poll_ended - kLongestPoll, poll_ended + kClockNoise);
  const RedisStreamTruth example = spans.empty() ? RedisStreamTruth{} : spans.front().state;
  const Said said(page, labels, example);
  if (!said.length) return;
  std::vector<RedisStreamTruth> truths;
  for (const auto& span : spans) {
    if (said.Fits(span.state)) truths.push_back(span.state);
  }
  if (truths.empty()) {
    lies.push_back(fmt::format("{}: {}; but it was {} ... {}", name, said.Describe(),
                               Describe(spans.back().state), Describe(example)));
    return;
  }
  CheckTotals(stream, labels, page, truths, lies);
  for (const auto& [group, facts] : example.groups) {
    CheckAge(labels, group, page, spans, poll_ended, lies);
    const auto false_ones = FalseVerdicts().find(group);
    for (const std::string& state : false_ones->second) {
      Labels verdict = labels;
      verdict.insert({{"group", group}, {"state", state}});
      if (page.Value("streamgauge_group_state", verdict)) {
        lies.push_back(fmt::format("{} {}: the verdict {}", name, group, state));
      }
    }
  }
}

void RedisWorld::CheckTotals(Stream& stream, const Labels& labels, const MetricsPage& page,
                             const std::vector<RedisStreamTruth>& truths,
                             std::vector<std::string>& lies) {
  const auto check = [&](const char* metric, const std::string& group, auto of_truth,
                         bool lower_bound = false) {
    Labels where = labels;
    if (!group.empty()) where["group"] = group;
    const auto total = page.Value(metric, where);
    if (!total) return;
    std::vector<std::uint64_t> possible;
    for (const RedisStreamTruth& truth : truths) possible.push_back(of_truth(truth));
    TotalCheck& known = stream.totals[metric + group];
    if (lower_bound) known.MayFallShort();
    if (known.Fits(*total, possible)) return;
    lies.push_back(fmt::format(
        "{} {} {}: {}, while {} to {} happened in the world, {} to {} of it before the agent",
        metric, labels.at("stream"), group, *total, *std::ranges::min_element(possible),
        *std::ranges::max_element(possible), known.low(), known.high()));
  };
  check("streamgauge_stream_appended_total", "", [](const auto& t) { return t.appended; });
  check("streamgauge_stream_removed_total", "", [](const auto& t) { return t.removed; });
  for (const auto& [name, facts] : truths.front().groups) {
    const auto of = [&name](const auto& truth) { return truth.groups.at(name); };
    check("streamgauge_group_delivered_total", name,
          [&](const auto& t) { return of(t).delivered; });
    check("streamgauge_group_acknowledged_total", name,
          [&](const auto& t) { return of(t).acknowledged; });
    check("streamgauge_group_lost_total", name, [&](const auto& t) { return of(t).lost; }, true);
  }
}

void RedisWorld::CheckAge(const Labels& labels, const std::string& group, const MetricsPage& page,
                          const std::vector<Ledger<RedisStreamTruth>::Span>& spans,
                          WallMoment poll_ended, std::vector<std::string>& lies) const {
  Labels where = labels;
  where["group"] = group;
  const auto age = page.Value("streamgauge_group_lag_seconds", where);
  if (!age) return;
  const auto clocks = ahead_.Between(poll_ended - kLongestPoll, poll_ended + kClockNoise);
  for (const auto& span : spans) {
    const auto& oldest = span.state.groups.at(group).oldest_unread_ms;
    if (!oldest && *age == 0) return;
    if (!oldest) continue;
    const WallMoment born{milliseconds(*oldest)};
    const WallMoment first = std::max(span.from, poll_ended - kLongestPoll);
    const WallMoment last = std::min(span.until, poll_ended + kClockNoise);
    for (const auto& clock : clocks) {
      if (*age >= std::max(0.0, Seconds(first + clock.state - born) - kAgeNoise) &&
          *age <= std::max(0.0, Seconds(last + clock.state - born) + kAgeNoise)) {
        return;
      }
    }
  }
  lies.push_back(fmt::format("{} {}: lag_seconds {}", labels.at("stream"), group, *age));
}

std::vector<std::string> RedisWorld::MissingOn(const MetricsPage& page) const {
  std::vector<std::string> missing;
  const auto look = [&](const std::string& metric, const Labels& labels, const std::string& what) {
    if (page.Find(metric, labels).empty()) missing.push_back(fmt::format("{} of {}", metric, what));
  };
  for (const auto& [name, stream] : streams_) {
    Labels labels = {{"target", target()}, {"stream", name}};
    for (const std::string& metric : FiguresOfStream()) look(metric, labels, name);
    const WallMoment now = WallClock::now();  // one moment: two may come in either order
    const auto spans = stream.ledger.Between(now, now);
    if (spans.empty()) continue;
    for (const auto& [group, truth] : spans.front().state.groups) {
      labels["group"] = group;
      for (const std::string& metric : FiguresOfGroup()) look(metric, labels, name + " " + group);
    }
  }
  return missing;
}

}  // namespace streamgauge::test
