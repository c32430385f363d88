#include "faults/trial.h"

#include <fmt/format.h>

#include <algorithm>

#include "faults/sanitized.h"
#include "support/wait_for.h"

namespace streamgauge::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A busy machine; what is expected of the agent is counted in polls.
constexpr seconds kDeadline{15 * kSlowdown};
constexpr int kCalmPolls = 4;

class Trial {
 public:
  Trial(const FaultFacts& facts, const Stage& stage)
      : facts_(facts),
        stage_(stage),
        witness_(stage.agent, stage.world, stage.stale_after, stage.agent_clock) {
    outcome_.fault = facts.name;
  }

  Outcome Run() {
    try {
      RunAll();
    } catch (const std::exception& e) {
      Problem(e.what());
    }
    for (const std::string& lie : witness_.lies()) Problem("false: " + lie);
    CheckEnd();
    if (const auto failure = stage_.world.failure(); !failure.empty()) {
      Problem("the world itself broke: " + failure);
    }
    outcome_.looks = witness_.looks();
    return std::move(outcome_);
  }

 private:
  void Problem(std::string what) { outcome_.problems.push_back(std::move(what)); }

  void RunAll() {
    if (!AwaitRight()) return Problem("all was not well before: " + Missing());
    (void)AwaitPolls(kCalmPolls);
    outcome_.before = ResourcesOf(stage_.agent.process().pid());
    calm_ = witness_.Look();
    Begin();
    facts_.reasons.empty() || facts_.passes ? Last() : AwaitStale();
    End();
    AwaitRecovery();
    AwaitResources();
  }

  std::string Missing() {
    return witness_.Look().Describe() + "\n" + stage_.agent.process().OutputTail();
  }

  bool AwaitRight() {
    return witness_.Await([](const Glimpse& g) { return g.right; }, kDeadline).has_value();
  }
  bool AwaitPolls(int count) {
    const double from = witness_.Look().polls;
    return witness_.Await([&](const Glimpse& g) { return g.polls >= from + count; }, kDeadline)
        .has_value();
  }

  void Begin() {
    if (facts_.world_rests) stage_.world.Rest();
    began_ = WallClock::now();
    stage_.begin();
  }

  void NoteDown(const Glimpse& glimpse) {
    if (glimpse.up.value_or(true) || outcome_.down_after.count() >= 0) return;
    outcome_.down_after = std::chrono::duration_cast<milliseconds>(glimpse.at - began_);
  }

  // Long enough for what is expected to be seen, or not.
  void Last() {
    (void)witness_.Await(
        [&](const Glimpse& glimpse) {
          NoteDown(glimpse);
          return stage_.over && stage_.over();
        },
        stage_.over ? kDeadline : facts_.lasts * kSlowdown);
    if (stage_.over && !stage_.over()) return Problem("it does not end by itself");
    if (facts_.unanswered) {
      if (witness_.unanswered() == 0) Problem("the page was there all the time");
    } else if (facts_.passes && !facts_.may_go_unnoticed &&
               witness_.Look().errors == calm_.errors) {
      Problem("nobody noticed");
    }
  }

  // Until it is down and its figures are gone.
  void AwaitStale() {
    const auto gone = witness_.Await(
        [&](const Glimpse& glimpse) {
          NoteDown(glimpse);
          return glimpse.up == false && !glimpse.has_figures;
        },
        stage_.stale_after + kDeadline);
    if (!gone) Problem(outcome_.down_after.count() < 0 ? "nobody noticed" : "its figures stay");
  }

  void End() {
    stage_.end();
    ended_ = WallClock::now();
    if (facts_.world_rests) stage_.world.GoOn();
  }

  // The poll that was under way at the end is not counted: it began before.
  void AwaitRecovery() {
    std::optional<Glimpse> first;
    std::optional<Glimpse> next;  // after the first poll that ended since
    const auto right = witness_.Await(
        [&](const Glimpse& glimpse) {
          if (!first) first = glimpse;
          if (!next && glimpse.polls > first->polls) next = glimpse;
          if (last_.polls != glimpse.polls) course_ += "\n" + glimpse.Describe();
          last_ = glimpse;
          return glimpse.right && glimpse.poll_ended > ended_;
        },
        kDeadline);
    CheckReasons();
    if (!right) return Problem("it does not get right again: " + Missing());
    const bool was_under_way = next && BeganBeforeTheEnd(*first, *next);
    const double polls = right->polls - first->polls - (was_under_way ? 1 : 0);
    outcome_.polls_until_right = std::max(1, static_cast<int>(polls));
    if (outcome_.polls_until_right > facts_.polls_until_right) {
      Problem(
          fmt::format("right again only after {} polls:{}", outcome_.polls_until_right, course_));
    }
  }

  bool BeganBeforeTheEnd(const Glimpse& before, const Glimpse& after) const {
    if (after.up == false) return true;  // it has met the fault
    const std::chrono::duration<double> took(after.polling_seconds - before.polling_seconds);
    return *after.poll_ended - std::chrono::duration_cast<WallClock::duration>(took) < ended_;
  }

  void CheckReasons() {
    for (const auto& [reason, count] : last_.errors) {
      const auto before = calm_.errors.find(reason);
      if (before != calm_.errors.end() && before->second == count) continue;
      if (!facts_.reasons.contains(reason)) Problem("polls failed with reason " + reason);
    }
  }

  // Memory, threads and descriptors are where they were.
  void AwaitResources() {
    const pid_t pid = stage_.agent.process().pid();
    const bool back = WaitFor(
        [&] {
          outcome_.after = ResourcesOf(pid);
          return outcome_.after.threads <= outcome_.before.threads &&
                 outcome_.after.descriptors <=
                     outcome_.before.descriptors + facts_.more_connections;
        },
        kDeadline, milliseconds(50));
    if (!back) Problem("threads or descriptors have grown");
    const std::size_t most = outcome_.before.rss_kib + facts_.rss_growth_kib;
    if (!kSanitized && outcome_.after.rss_kib > most) Problem("memory has grown");
  }

  // It stops when it is told to, and no sanitizer had anything to say.
  void CheckEnd() {
    Process& agent = stage_.agent.process();
    const int code = agent.Stop(kDeadline);
    if (code != 0) Problem(fmt::format("the agent ended with {}:\n{}", code, agent.OutputTail()));
    const std::string log = agent.Stderr();
    for (const char* words : {"Sanitizer", "runtime error: "}) {
      if (const std::size_t at = log.find(words); at != std::string::npos) {
        return Problem(log.substr(log.rfind('\n', at) + 1, 4000));
      }
    }
  }

  const FaultFacts& facts_;
  const Stage& stage_;
  Witness witness_;
  Outcome outcome_;
  WallMoment began_;
  WallMoment ended_;
  Glimpse calm_;  // before it began
  Glimpse last_;
  std::string course_;  // of the recovery, poll by poll
};

}  // namespace

Outcome RunTrial(const FaultFacts& facts, const Stage& stage) { return Trial(facts, stage).Run(); }

}  // namespace streamgauge::test
