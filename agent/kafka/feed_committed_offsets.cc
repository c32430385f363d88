#include "kafka/feed_committed_offsets.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "kafka/admin_committed_offsets.h"
#include "kafka/offset_reader.h"
#include "log/log.h"

namespace streamgauge::kafka {
namespace {

// What is committed is there within milliseconds; a new connection, and a transaction that is about
// to end, take longer.
constexpr Duration kPatience{1000};
// A transaction that was open in the last poll may be so for minutes.
constexpr Duration kPatienceWithStuck{50};
constexpr Duration kSlice{20};
// Rights are granted while the agent runs.
constexpr std::chrono::minutes kRefusalPace{5};

}  // namespace

FeedCommittedOffsets::FeedCommittedOffsets(std::string target, const KafkaTargetConfig& config,
                                           WarnedKinds& warned)
    : target_(std::move(target)), config_(config), warned_(warned) {}

void FeedCommittedOffsets::TakeDescription(const Result<TopicDescription>& description,
                                           SteadyTime now) {
  if (!description) {
    if (description.error().reason == Reason::kUnauthorized) Refuse(description.error(), now);
    // Not found: no group has ever committed. Of one that is known, brokers say so whose metadata
    // lags; should it be gone, so are the ends of its partitions.
    return;
  }
  std::vector<std::optional<std::int32_t>> leaders;
  for (const PartitionDescription& one : description->partitions) {
    const auto number = static_cast<std::size_t>(one.partition);
    leaders.resize(std::max(leaders.size(), number + 1));
    leaders[number] = one.leader;
  }
  leaders_ = std::move(leaders);
  feed_.SetTopic(description->id, static_cast<std::int32_t>(leaders_.size()));
}

void FeedCommittedOffsets::Read(AdminRequests& requests, std::span<const GroupQuery> groups,
                                CommittedOffsetsTaker& taker) {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!MayFollow(now)) return AdminCommittedOffsets().Read(requests, groups, taker);
  Round round{requests, groups, taker, {}};
  feed_.BeginPoll();
  round.fed.reserve(groups.size());
  for (const GroupQuery& group : groups) round.fed.push_back(&feed_.Watch(group.group));
  ReadEnds(requests);
  feed_.Begin();
  consumer_->Begin(feed_.Places());
  Follow(requests);
  consumer_->End();
  Count(requests);
  if (consumer_->refusal()) {
    Refuse(*consumer_->refusal(), now);
    return AdminCommittedOffsets().Read(requests, groups, taker);
  }
  if (refusal_ && feed_.Unread().empty()) {
    refusal_.reset();
    log::Info("kafka target {}: {} may be read now and is followed", target_, kOffsetsTopic);
  }
  EndCheck();
  const std::vector<Asked> asked = ChooseAsked(round);
  Ask(round, asked);
}

bool FeedCommittedOffsets::Refused(SteadyTime now) const {
  return refusal_ && now - refused_at_ < kRefusalPace;
}

bool FeedCommittedOffsets::MayFollow(SteadyTime now) {
  if (Refused(now)) return false;
  if (feed_.partitions() == 0) return false;
  if (consumer_) return true;
  auto made = FeedConsumer::Make(target_, config_, warned_);
  if (!made) {
    Refuse(std::move(made.error()), now);
    return false;
  }
  consumer_ = std::move(*made);
  fetches_counted_ = 0;
  return true;
}

void FeedCommittedOffsets::Refuse(Error error, SteadyTime now) {
  refused_at_ = now;
  Reconnect();
  // Its records may have gone by until it can be read again.
  feed_ = CommitFeed();
  if (refusal_) return;
  error.message += "; grant Read on Topic __consumer_offsets, or set offsets: admin";
  if (config_.offsets == KafkaOffsets::kAuto) {
    log::Warn("kafka target {}: {}. Until then every group is asked for in every poll", target_,
              error.message);
  }
  refusal_ = std::move(error);
}

void FeedCommittedOffsets::Reconnect() {
  received_before_ += ReceivedNow();
  consumer_.reset();
}

void FeedCommittedOffsets::ReadEnds(AdminRequests& requests) {
  std::vector<OffsetQuery> queries;
  for (std::size_t i = 0; i < leaders_.size(); ++i) {
    if (!leaders_[i] || requests.IsSilent(*leaders_[i])) continue;
    queries.push_back({kOffsetsTopic, static_cast<std::int32_t>(i), *leaders_[i], 0});
  }
  ReadOffsets(requests, OffsetKind::kEnd, queries,
              [&](std::size_t index, Result<OffsetAnswer> answer) {
                const OffsetQuery& query = queries[index];
                if (answer) return feed_.TakeEnd(query.partition, answer->offset);
                requests.CountItemError(answer.error());
                if (answer.error().reason == Reason::kTimeout) requests.NoteSilent(query.leader);
              });
}

void FeedCommittedOffsets::Follow(AdminRequests& requests) {
  const SteadyTime begin = std::chrono::steady_clock::now();
  bool came = consumer_->Take(Duration(0), feed_);
  while (!requests.Over() && !consumer_->refusal()) {
    std::vector<std::int32_t> unread = feed_.Unread();
    if (unread.empty()) return;
    if (!came) {
      consumer_->TellPositions(unread, feed_);
      unread = feed_.Unread();
      if (unread.empty() || std::chrono::steady_clock::now() - begin >= Patience(unread)) return;
    }
    came = consumer_->Take(kSlice, feed_);
  }
}

Duration FeedCommittedOffsets::Patience(const std::vector<std::int32_t>& unread) const {
  const bool all_stuck = std::all_of(unread.begin(), unread.end(), [&](std::int32_t partition) {
    return feed_.IsStuck(partition);
  });
  return all_stuck ? kPatienceWithStuck : kPatience;
}

void FeedCommittedOffsets::EndCheck() {
  const auto result = feed_.TakeCheckResult();
  if (!result || result->agreed || !result->certain) return;
  ++mismatches_;
  log::Warn(
      "kafka target {}: what group {} has committed differs from what the records of {} said; it "
      "is read anew",
      target_, result->group, kOffsetsTopic);
  feed_.Watch(result->group).Forget();
}

std::vector<FeedCommittedOffsets::Asked> FeedCommittedOffsets::ChooseAsked(Round& round) {
  std::vector<Asked> asked;
  const std::size_t count = round.groups.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!feed_.IsKnown(*round.fed[i])) asked.push_back({i, false});
  }
  if (asked.size() == count || feed_.checking()) return asked;
  asked.push_back({ChooseChecked(round), true});
  return asked;
}

// One that is doubted, else one of the others, each in its turn. REQUIRES: one of them is known.
std::size_t FeedCommittedOffsets::ChooseChecked(const Round& round) {
  const std::size_t count = round.groups.size();
  if (feed_.doubted()) {
    const auto doubted = std::ranges::find(round.groups, *feed_.doubted(), &GroupQuery::group);
    const auto index = static_cast<std::size_t>(doubted - round.groups.begin());
    if (index < count && feed_.IsKnown(*round.fed[index])) return index;
  }
  do next_check_ = (next_check_ + 1) % count;
  while (!feed_.IsKnown(*round.fed[next_check_]));
  return next_check_;
}

void FeedCommittedOffsets::Ask(Round& round, const std::vector<Asked>& asked) {
  std::vector<GroupQuery> queries;
  queries.reserve(asked.size());
  for (const Asked& one : asked) queries.push_back(round.groups[one.index]);
  AskForOffsets(round.requests, queries,
                [&](std::size_t i, Result<GroupOffsets> offsets, AnsweredBy by) {
                  if (offsets) return TakeAnswer(round, asked[i], *offsets, by);
                  if (asked[i].to_compare) return round.requests.CountItemError(offsets.error());
                  round.taker.TakeError(asked[i].index, offsets.error());
                });
  std::vector<bool> told(round.groups.size());
  for (const Asked& one : asked) told[one.index] = !one.to_compare;
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (!told[i]) TellKnown(round, i);
  }
}

void FeedCommittedOffsets::TakeAnswer(Round& round, const Asked& one, const GroupOffsets& offsets,
                                      AnsweredBy by) {
  FedGroup& fed = *round.fed[one.index];
  if (one.to_compare) return feed_.BeginCheck(round.groups[one.index].group, offsets);
  // What the records said up to their place is right as of then, and the rest will come. The answer
  // is of this moment, or from a coordinator that has just taken over and does not know all yet.
  if (fed.loaded()) {
    fed.TellAgain();
    return round.taker.TakeOffsets(one.index, offsets, by);
  }
  const std::int32_t partition = fed.offsets_partition();
  // Where the place of reading is lost nothing that comes goes on from here.
  if (feed_.IsBegun(partition)) fed.Load(offsets, feed_.IsComplete(partition));
  if (feed_.IsKnown(fed)) return TellKnown(round, one.index);
  round.taker.TakeOffsets(one.index, offsets, by);
}

void FeedCommittedOffsets::TellKnown(Round& round, std::size_t index) {
  FedGroup& fed = *round.fed[index];
  const bool changed = fed.TakeChanged();
  if (changed || round.groups[index].needs_offsets) {
    round.taker.TakeOffsets(index, fed.offsets(), AnsweredBy::kCoordinator);
  } else {
    round.taker.TakeUnchanged(index);
  }
  round.taker.TakeFollowed(index, {fed.rebalances(), fed.TakeMembersChanged()});
}

void FeedCommittedOffsets::Count(AdminRequests& requests) {
  const std::uint64_t fetches = consumer_->fetches();
  for (; fetches_counted_ < fetches; ++fetches_counted_) requests.CountRequest("fetch");
  requests.telemetry().feed_mismatches = mismatches_;
  auto& errors = requests.telemetry().item_errors;
  const auto add = [&](Reason reason, std::uint64_t count) {
    if (count > 0) errors[ToString(reason)] += count;
  };
  add(Reason::kUnsupported, feed_.TakeUnknownRecords());
  add(Reason::kBadReply, feed_.TakeBadRecords());
}

}  // namespace streamgauge::kafka
