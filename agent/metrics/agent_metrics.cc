#include "metrics/agent_metrics.h"

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>

#include "metrics/agent_metrics_impl.h"
#include "metrics/own_metrics.h"
#include "metrics/process_metrics.h"

namespace streamgauge {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

// From a local Redis (1 ms) to a target that is cut off at its timeout.
const Histogram::BucketBoundaries kPollBuckets = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                  0.25,  0.5,   1,    2.5,   5,    10};
const Histogram::BucketBoundaries kScrapeBuckets = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};

template <typename Builder>
auto& Register(Builder builder, const Metric& metric, prometheus::Registry& registry) {
  return builder.Name(std::string(metric.name)).Help(std::string(metric.help)).Register(registry);
}
Family<Counter>& Counters(const Metric& metric, prometheus::Registry& registry) {
  return Register(prometheus::BuildCounter(), metric, registry);
}
Family<Gauge>& Gauges(const Metric& metric, prometheus::Registry& registry) {
  return Register(prometheus::BuildGauge(), metric, registry);
}
Family<Histogram>& Histograms(const Metric& metric, prometheus::Registry& registry) {
  return Register(prometheus::BuildHistogram(), metric, registry);
}

constexpr std::array<Reason, kReasonCount> kReasons = {
    Reason::kUnavailable, Reason::kTimeout,  Reason::kUnauthorized, Reason::kNotFound,
    Reason::kUnsupported, Reason::kBadReply, Reason::kWrongType};

Labels With(Labels labels, const std::string& name, std::string_view value) {
  labels[name] = std::string(value);
  return labels;
}

}  // namespace

AgentMetrics::Impl::Impl()
    : poll_duration(Histograms(own::kPollDuration, registry)),
      polls(Counters(own::kPolls, registry)),
      poll_errors(Counters(own::kPollErrors, registry)),
      item_errors(Counters(own::kItemErrors, registry)),
      requests(Counters(own::kRequests, registry)),
      round_trips(Counters(own::kRoundTrips, registry)),
      received_bytes(Counters(own::kReceivedBytes, registry)),
      clock_clamps(Counters(own::kClockClamps, registry)),
      lag_verifications(Counters(own::kLagVerifications, registry)),
      feed_mismatches(Counters(own::kFeedMismatches, registry)),
      scrape_duration(Histograms(own::kScrapeDuration, registry).Add({}, kScrapeBuckets)),
      build_info(Gauges(own::kBuildInfo, registry)),
      reload_successful(Gauges(own::kReloadSuccessful, registry)),
      reload_success_timestamp(Gauges(own::kReloadSuccessTimestamp, registry)) {}

std::vector<prometheus::MetricFamily> AgentMetrics::Impl::Collect() const {
  std::vector<prometheus::MetricFamily> families = registry.Collect();
  std::vector<prometheus::MetricFamily> process = CollectProcess();
  std::move(process.begin(), process.end(), std::back_inserter(families));
  return families;
}

// The series of one target: there while anybody uses them.
class TargetSeries {
 public:
  TargetSeries(AgentMetrics::Impl& impl, Labels labels)
      : impl_(impl),
        labels_(std::move(labels)),
        poll_duration_(impl.poll_duration, labels_, kPollBuckets),
        polls_(impl.polls, labels_),
        round_trips_(impl.round_trips, labels_),
        received_bytes_(impl.received_bytes, labels_),
        clock_clamps_(impl.clock_clamps, labels_) {
    // Where nothing is ever verified, a 0 would say that nothing differed.
    if (labels_.at("system") == "redis") {
      agreed_.emplace(impl.lag_verifications, With(labels_, "result", "agreed"));
      differed_.emplace(impl.lag_verifications, With(labels_, "result", "differed"));
    }
    // Every reason from the start: a rate over a series that appears with its first error is 0.
    for (const Reason reason : kReasons) {
      ErrorsOf(poll_errors_, impl_.poll_errors, ToString(reason));
      ErrorsOf(item_errors_, impl_.item_errors, ToString(reason));
    }
  }

  void PollEnded(std::chrono::duration<double> duration, const Error* error) {
    const std::lock_guard lock(mutex_);
    polls_->Increment();
    poll_duration_->Observe(ToSeconds(duration));
    if (error != nullptr) {
      ErrorsOf(poll_errors_, impl_.poll_errors, ToString(error->reason)).Increment();
    }
  }

  // Adds what `now` is more than `before`.
  void AddRises(const Telemetry& before, const Telemetry& now) {
    const std::lock_guard lock(mutex_);
    AddRise(*round_trips_, before.round_trips, now.round_trips);
    AddRise(*received_bytes_, before.received_bytes, now.received_bytes);
    AddRise(*clock_clamps_, before.clock_clamps, now.clock_clamps);
    if (agreed_) AddRise(**agreed_, before.verifications_agreed, now.verifications_agreed);
    if (differed_) AddRise(**differed_, before.verifications_differed, now.verifications_differed);
    if (now.feed_mismatches) {
      if (!feed_mismatches_) feed_mismatches_.emplace(impl_.feed_mismatches, labels_);
      AddRise(**feed_mismatches_, before.feed_mismatches.value_or(0), *now.feed_mismatches);
    }
    for (const auto& [request, count] : now.requests) {
      AddRise(Labelled(requests_, impl_.requests, "request", request),
              ValueOf(before.requests, request), count);
    }
    for (const auto& [reason, count] : now.item_errors) {
      AddRise(ErrorsOf(item_errors_, impl_.item_errors, reason),
              ValueOf(before.item_errors, reason), count);
    }
  }

 private:
  // A series that goes with its owner.
  template <typename T>
  class Owned {
   public:
    template <typename... Args>
    Owned(Family<T>& family, const Labels& labels, Args&&... args)
        : family_(family), metric_(family.Add(labels, std::forward<Args>(args)...)) {}
    ~Owned() { family_.Remove(&metric_); }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    T* operator->() { return &metric_; }
    T& operator*() { return metric_; }

   private:
    Family<T>& family_;
    T& metric_;
  };
  using ByLabel = std::map<std::string_view, Owned<Counter>>;  // keys are literals

  Counter& Labelled(ByLabel& series, Family<Counter>& family, const char* name,
                    std::string_view value) {
    const auto found = series.find(value);
    if (found != series.end()) return *found->second;
    return *series.try_emplace(value, family, With(labels_, name, value)).first->second;
  }
  Counter& ErrorsOf(ByLabel& series, Family<Counter>& family, std::string_view reason) {
    return Labelled(series, family, "reason", reason);
  }

  static std::uint64_t ValueOf(const std::map<std::string_view, std::uint64_t>& sums,
                               std::string_view key) {
    const auto found = sums.find(key);
    return found == sums.end() ? 0 : found->second;
  }
  // A fall means that the source was made anew: its sums began at 0.
  static void AddRise(Counter& counter, std::uint64_t before, std::uint64_t now) {
    counter.Increment(static_cast<double>(now >= before ? now - before : now));
  }

  AgentMetrics::Impl& impl_;
  const Labels labels_;
  std::mutex mutex_;
  Owned<Histogram> poll_duration_;
  Owned<Counter> polls_;
  Owned<Counter> round_trips_;
  Owned<Counter> received_bytes_;
  Owned<Counter> clock_clamps_;
  std::optional<Owned<Counter>> agreed_;
  std::optional<Owned<Counter>> differed_;
  std::optional<Owned<Counter>> feed_mismatches_;
  ByLabel poll_errors_;
  ByLabel item_errors_;
  ByLabel requests_;
};

namespace {

class SharedTargetMetrics final : public TargetMetrics {
 public:
  SharedTargetMetrics(AgentMetrics::Impl& impl, std::shared_ptr<TargetSeries> series)
      : impl_(impl), series_(std::move(series)) {}
  // Under the lock: ForTarget must not make series that the end of these would take away.
  ~SharedTargetMetrics() override {
    const std::lock_guard lock(impl_.mutex);
    series_.reset();
    std::erase_if(impl_.targets, [](const auto& known) { return known.second.expired(); });
  }

  void PollEnded(std::chrono::duration<double> duration, const Error* error,
                 const Telemetry& telemetry) override {
    series_->PollEnded(duration, error);
    series_->AddRises(previous_, telemetry);
    previous_ = telemetry;
  }

 private:
  AgentMetrics::Impl& impl_;
  std::shared_ptr<TargetSeries> series_;
  Telemetry previous_;
};

}  // namespace

AgentMetrics::AgentMetrics(std::string_view version, std::string_view revision)
    : impl_(std::make_unique<Impl>()) {
  impl_->build_info.Add({{"version", std::string(version)}, {"revision", std::string(revision)}})
      .Set(1);
}

AgentMetrics::~AgentMetrics() = default;

std::unique_ptr<TargetMetrics> AgentMetrics::ForTarget(std::string_view system,
                                                       std::string_view target) {
  const std::lock_guard lock(impl_->mutex);
  std::weak_ptr<TargetSeries>& known = impl_->targets[{std::string(system), std::string(target)}];
  std::shared_ptr<TargetSeries> series = known.lock();
  if (!series) {
    series = std::make_shared<TargetSeries>(
        *impl_, Labels{{"system", std::string(system)}, {"target", std::string(target)}});
    known = series;
  }
  return std::make_unique<SharedTargetMetrics>(*impl_, std::move(series));
}

void AgentMetrics::ConfigReloaded(bool success, WallTime now) {
  impl_->reload_successful.Add({}).Set(success ? 1 : 0);
  if (success) impl_->reload_success_timestamp.Add({}).Set(ToUnixSeconds(now));
}

void AgentMetrics::ScrapeEnded(std::chrono::duration<double> duration) {
  impl_->scrape_duration.Observe(duration.count());
}

}  // namespace streamgauge
