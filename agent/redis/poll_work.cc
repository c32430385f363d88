#include "redis/poll_work.h"

#include "redis/reply_error.h"

namespace streamgauge {

Error ItemErrors::Note(std::string_view server_text, Request request, std::string_view key) {
  Error error = ToError(server_text, request, key);
  if (IsRedirect(server_text) && moves_expected_) {
    error = {Reason::kUnavailable, std::string(key) + ": went to another node while it was read"};
  }
  if (ConcernsWholeServer(server_text) && !whole_server_) whole_server_ = error;
  Note(error);
  return error;
}

void ItemErrors::Add(const ItemErrors& others) {
  for (const auto& [reason, theirs] : others.tallies_) {
    Tally& tally = tallies_[reason];
    if (tally.count == 0) tally.example = theirs.example;
    tally.count += theirs.count;
  }
}

void ItemErrors::Note(const Error& error) {
  Tally& tally = tallies_[error.reason];
  if (tally.count++ == 0) tally.example = error.message;
}

}  // namespace streamgauge
