// What was read of one group, for `streamgauge explain`. The rules tell their part themselves
// (model/trace.h). Used by the source's thread.
#pragma once

#include "model/trace.h"
#include "redis/poll_work.h"

namespace streamgauge {

// Lets the group be traced from here on if it is the one, and tells what was read of it, by the
// letters of docs/signals.md.
void BeginTrace(const TracedGroup* traced, const PollWork& work, GroupWork& group);

}  // namespace streamgauge
