// A fixture: the analyzer of a target with one stream and one group, whose figures a test sets
// before each poll.
#pragma once

#include <gtest/gtest.h>

#include "signals/analyzer.h"
#include "signals/words.h"

namespace streamgauge {

using namespace std::chrono_literals;

class OneGroup : public testing::Test {
 protected:
  explicit OneGroup(const SignalsConfig& config = {}) : analyzer_(AnalyzerWith(config)) {
    reading_.time = FromUnixMillis(1'700'000'000'000);
    StreamReading stream;
    stream.name = streams_.Intern("orders");
    stream.appended_total = 0;
    reading_.streams.push_back(stream);
    GroupReading group;
    group.name = groups_.Intern("billing");
    group.lag = 0;
    group.lag_seconds = 0;
    group.pending = 0;
    group.delivered_total = group.acknowledged_total = 0;
    reading_.groups.push_back(group);
  }
  GroupReading& group() { return reading_.groups[0]; }
  StreamReading& stream() { return reading_.streams[0]; }

  const GroupSignals& Poll() {
    report_ = analyzer_.Analyze(reading_);
    return report_->groups[0];
  }
  const GroupSignals& PollAfter(Duration step) {
    reading_.time += step;
    return Poll();
  }
  // Ten seconds' work: 100 appended, 80 finished.
  const GroupSignals& Work() {
    *stream().appended_total += 100;
    *group().delivered_total += 80;
    *group().acknowledged_total += 80;
    *group().lag += 20;
    group().lag_seconds = static_cast<double>(*group().lag) / 10;
    return PollAfter(10s);
  }

  static Analyzer AnalyzerWith(const SignalsConfig& config) {
    return {"checkout",
            config,
            {{.target = "other", .lag_seconds = 1},
             {.stream = "ord*", .group = "billing", .lag_seconds = 30},
             {.lag_seconds = 60}}};
  }
  std::string Reason() const { return ReasonInWords(*report_, 0); }

  NameTable streams_{NameKind::kStream};
  NameTable groups_{NameKind::kGroup};
  Reading reading_;
  Analyzer analyzer_;
  ReportRef report_;
};

}  // namespace streamgauge
