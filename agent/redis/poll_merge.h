// Puts together what a target's nodes said in one poll. A node that could not be read takes nothing
// from the others: its streams are absent and counted as skipped, and so is the node. Lives for one
// poll.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "model/error.h"
#include "model/reading.h"
#include "redis/node_reader.h"

namespace streamgauge {

class PollMerge {
 public:
  explicit PollMerge(std::uint32_t max_groups) : max_groups_(max_groups) {}

  void Add(NodeReading part);
  // A node that did not answer. What it would have been asked about is the caller's to skip.
  void AddFailure(const Error& error);
  void AddError(const Error& error) { errors_.Note(error); }
  void Skip(std::string_view kind, std::string_view reason, std::uint64_t count);

  // REQUIRES: a part was added. The time is that of the part that was added last, the version that
  // of all, or all there are.
  Reading Take();
  const ItemErrors& errors() const { return errors_; }

 private:
  void AddVersion(const std::string& version);
  void AddGroups(std::vector<GroupReading> groups, std::uint32_t first_stream);

  const std::uint32_t max_groups_;
  Reading whole_;
  ItemErrors errors_;
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> skipped_;
};

}  // namespace streamgauge
