// Owns one target's history and turns each reading into a report, by the pure rules beside it.
// Knows no backbone: sources give facts in one vocabulary. Used by the target's poller thread
// alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "model/report.h"
#include "model/trace.h"

namespace streamgauge {

class Analyzer {
 public:
  // `target` is the target's name, matched against the objectives' globs.
  Analyzer(std::string target, const SignalsConfig& signals, std::vector<Objective> objectives);
  ~Analyzer();

  // Takes the next reading. The present time of all rules is reading.time.
  // History of streams and groups that are not in the reading is forgotten after one window.
  // If `traced` is given, how that group's signals and verdict come about is added to its trace.
  ReportRef Analyze(Reading reading, const TracedGroup* traced = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace streamgauge
