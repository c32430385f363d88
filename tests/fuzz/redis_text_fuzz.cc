// The texts of a server: INFO, error replies and entry ids.
#include <array>
#include <optional>
#include <string>

#include "fuzz/fuzzer.h"
#include "redis/entry_id.h"
#include "redis/reply_error.h"
#include "redis/server_info.h"

namespace streamgauge {
namespace {

using test::Require;

void CheckEntryId(std::string_view text) {
  const auto id = ParseEntryId(text);
  if (!id) return;
  Require(ParseEntryId(ToString(*id)) == id, "an id that is written reads as itself", text);
  if (const auto next = Next(*id)) {
    Require(*next > *id && Previous(*next) == id, "the next id is just above", text);
  }
  if (const auto previous = Previous(*id)) {
    Require(*previous < *id && Next(*previous) == id, "the previous id is just below", text);
  }
  const WallTime now = FromUnixMillis(1'700'000'000'000);
  if (const auto time = TimeOf(*id, now)) {
    Require(*time <= now + std::chrono::hours(25), "a moment far ahead is no timestamp", text);
  }
}

void CheckInfo(std::string_view before, std::string_view after) {
  const ServerIdentity identity = ParseServerIdentity(after);
  Require(after.find(identity.version) != std::string_view::npos, "no version is made up");
  const auto old_counts = ParseCommandCounts(before);
  const auto new_counts = ParseCommandCounts(after);
  const Epochs start;
  const Epochs moved = Advance(start, {old_counts, old_counts}, {new_counts, new_counts});
  Require(moved.keys <= 1 && moved.groups <= 1 && moved.claims <= 1 && moved.deletions <= 1,
          "one look moves an epoch by one at most");
  Require(!moved.known || (new_counts && new_counts->primary), "only a primary proves anything");
  const Epochs same = Advance(start, {new_counts, new_counts}, {new_counts, new_counts});
  Require(same.keys == 1 && same.groups == 1,
          "our own INFO was not counted: the looks are not comparable");
}

void CheckError(Request request, std::string_view text, std::string_view key) {
  const Error error = ToError(text, request, key);
  Require(!error.message.empty(), "an error says something", text);
  Require(error.message.size() <= 1000 + 2 * key.size(), "an error is of bounded length", text);
  Require(error.message.find('\n') == std::string::npos || key.find('\n') != std::string::npos,
          "an error is one line", error.message);
  (void)ConcernsWholeServer(text);
}

}  // namespace
}  // namespace streamgauge

STREAMGAUGE_FUZZER(redis_text) {
  using namespace streamgauge;
  test::Pieces pieces(input);
  const auto request = static_cast<Request>(pieces.Below(kRequestCount));
  const std::string_view first = pieces.Line();
  CheckEntryId(first);
  CheckError(request, first, pieces.rest());
  CheckError(request, input, first);
  const std::size_t middle = pieces.rest().find('\f');
  CheckInfo(pieces.rest().substr(0, middle),
            middle == std::string_view::npos ? "" : pieces.rest().substr(middle + 1));
}
