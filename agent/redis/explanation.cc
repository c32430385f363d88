#include "redis/explanation.h"

#include <optional>
#include <string>

namespace streamgauge {
namespace {

std::optional<std::string> InWords(std::optional<EntryId> id) {
  if (!id) return std::nullopt;
  return ToString(*id);
}

}  // namespace

void BeginTrace(const TracedGroup* traced, const PollWork& work, GroupWork& group) {
  const StreamWork& of = work.streams[group.stream];
  Trace* trace = TraceOf(traced, of.state->name->text(), group.state->name->text());
  group.trace = trace;
  if (trace == nullptr) return;
  const StreamFacts& stream = group.moment.stream;
  const GroupFacts& facts = group.moment.group;
  TellSection(trace, "read in one snapshot");
  TellInput(trace, "L  length", stream.length);
  TellInput(trace, "A  entries-added", stream.added);
  TellInput(trace, "F  first entry", InWords(stream.first));
  TellInput(trace, "E  last entry", InWords(stream.last));
  TellInput(trace, "   last-generated-id", InWords(stream.last_generated));
  TellInput(trace, "   max-deleted-entry-id", InWords(stream.max_deleted));
  TellInput(trace, "D  last-delivered-id", ToString(facts.delivered));
  TellInput(trace, "R  entries-read", facts.read);
  TellInput(trace, "   pending", facts.pending);
  TellInput(trace, "   consumers", facts.consumers);
  TellInput(trace, "   command statistics known", group.moment.epochs.known);
  TellInput(trace, "   is back before its old place", group.rewound);
  TellSection(trace, "lag");
}

}  // namespace streamgauge
