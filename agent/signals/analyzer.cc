#include "signals/analyzer.h"

#include <unordered_map>
#include <utility>

#include "signals/group_track.h"
#include "signals/objectives.h"
#include "signals/stream_track.h"

namespace streamgauge {
namespace {

// Names are shared: the same stream and group have the same addresses at every poll.
struct GroupKey {
  const Name* stream;
  const Name* group;
  bool operator==(const GroupKey&) const = default;
};

struct GroupKeyHash {
  std::size_t operator()(const GroupKey& key) const {
    const std::hash<const Name*> hash;
    return hash(key.stream) * 0x9E3779B97F4A7C15U ^ hash(key.group);
  }
};

// A clock that is set back by less than this share of the window stands still for a moment; by
// more, and it is not known which past the history belongs to.
constexpr int kTolerableStepBack = 20;

template <typename Map>
void EraseUnseen(Map& tracks, Tick now, Tick window) {
  std::erase_if(tracks, [&](const auto& entry) { return now - entry.second.last_seen > window; });
}

}  // namespace

struct Analyzer::State {
  SignalsConfig config;
  Objectives objectives;
  std::unordered_map<const Name*, StreamTrack> streams;
  std::unordered_map<GroupKey, GroupTrack, GroupKeyHash> groups;
  std::optional<Tick> now;  // of the latest reading
  Tick swept = 0;

  Tick window() const { return config.window.count(); }
  Tick Advance(WallTime time);
  void Sweep(Tick now);
  GroupTrack& TrackOf(const StreamReading& stream, const GroupReading& group);
};

// Takes over the time of a reading. History goes when it has jumped: back, or ahead by more than a
// window, during which anything may have happened unseen.
Tick Analyzer::State::Advance(WallTime time) {
  Tick next =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  if (now && next < *now && *now - next <= window() / kTolerableStepBack) next = *now;
  if (now && (next < *now || next - *now > window())) {
    streams.clear();
    groups.clear();
  }
  now = next;
  return next;
}

// Forgets what has not been seen for a window. Not at every poll: it walks over everything.
void Analyzer::State::Sweep(Tick tick) {
  if (tick - swept < window() / 4) return;
  swept = tick;
  EraseUnseen(streams, tick, window());
  EraseUnseen(groups, tick, window());
}

GroupTrack& Analyzer::State::TrackOf(const StreamReading& stream, const GroupReading& group) {
  GroupTrack& track = groups[{stream.name.get(), group.name.get()}];
  if (track.is_new) {
    track.objective_seconds = objectives.For(stream.name->text(), group.name->text());
  }
  return track;
}

Analyzer::Analyzer(std::string target, const SignalsConfig& signals,
                   std::vector<Objective> objectives)
    : state_(std::make_unique<State>()) {
  state_->config = signals;
  state_->objectives = Objectives(target, std::move(objectives));
}

Analyzer::~Analyzer() = default;

ReportRef Analyzer::Analyze(Reading reading, const TracedGroup* traced) {
  State& state = *state_;
  const Tick now = state.Advance(reading.time);
  auto report = std::make_shared<Report>();
  report->streams.resize(reading.streams.size());
  report->groups.resize(reading.groups.size());

  std::vector<const StreamTrack*> tracks(reading.streams.size());
  for (std::size_t i = 0; i < reading.streams.size(); ++i) {
    const StreamReading& stream = reading.streams[i];
    StreamTrack& track = state.streams[stream.name.get()];
    track.Observe(stream, now, state.config);
    if (track.appended()) report->streams[i].append_rate = track.appended()->rate();
    tracks[i] = &track;
  }
  for (std::size_t i = 0; i < reading.groups.size(); ++i) {
    const GroupReading& group = reading.groups[i];
    const StreamReading& stream = reading.streams[group.stream];
    Trace* trace = TraceOf(traced, stream.name->text(), group.name->text());
    state.TrackOf(stream, group)
        .Observe({stream, *tracks[group.stream], group}, now, state.config, report->groups[i],
                 trace);
  }
  state.Sweep(now);
  report->reading = std::move(reading);
  return report;
}

}  // namespace streamgauge
