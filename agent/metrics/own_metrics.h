// The table of the agent's own metrics: what it costs, how its polls go, and its process. One row
// per metric; the values are filled in agent_metrics.cc and process_metrics.cc.
#pragma once

#include <array>

#include "metrics/metric.h"

namespace streamgauge::own {

inline constexpr std::string_view kTarget = "system, target";

inline constexpr Metric kPollDuration = {"streamgauge_poll_duration_seconds",
                                         MetricType::kHistogram, kTarget,
                                         "How long polls took, failed ones included."};
inline constexpr Metric kPolls = {"streamgauge_polls_total", MetricType::kCounter, kTarget,
                                  "Polls that ended, failed ones included."};
inline constexpr Metric kPollErrors = {
    "streamgauge_poll_errors_total", MetricType::kCounter, "system, target, reason",
    "Polls that failed: unavailable, timeout, unauthorized, not_found, unsupported, bad_reply or "
    "wrong_type."};
inline constexpr Metric kItemErrors = {
    "streamgauge_item_errors_total", MetricType::kCounter, "system, target, reason",
    "Errors that concerned single streams, groups or partitions while the poll went on."};
inline constexpr Metric kRequests = {
    "streamgauge_requests_total", MetricType::kCounter, "system, target, request",
    "Requests that the agent sent to the target, by kind: its cost to the servers."};
inline constexpr Metric kRoundTrips = {
    "streamgauge_round_trips_total", MetricType::kCounter, kTarget,
    "Times that the agent waited for the target; requests sent together share one."};
inline constexpr Metric kReceivedBytes = {"streamgauge_received_bytes_total", MetricType::kCounter,
                                          kTarget, "Bytes received from the target."};
inline constexpr Metric kClockClamps = {
    "streamgauge_clock_clamps_total", MetricType::kCounter, kTarget,
    "Timestamps of messages outside of the past that were clamped."};
inline constexpr Metric kLagVerifications = {
    "streamgauge_lag_verifications_total", MetricType::kCounter, "system, target, result",
    "Calibrated lags that were counted again (Redis): agreed or differed."};
inline constexpr Metric kFeedMismatches = {
    "streamgauge_feed_mismatches_total", MetricType::kCounter, kTarget,
    "Groups whose commits as followed differed from what their coordinator said (Kafka); "
    "expected 0."};
inline constexpr Metric kScrapeDuration = {
    "streamgauge_scrape_duration_seconds", MetricType::kHistogram, "",
    "How long pages of metrics took to make; one that is not compressed is sent meanwhile."};
inline constexpr Metric kBuildInfo = {"streamgauge_build_info", MetricType::kGauge,
                                      "version, revision", "Always 1; which build is running."};
inline constexpr Metric kReloadSuccessful = {
    "streamgauge_config_last_reload_successful", MetricType::kGauge, "",
    "Whether the last attempt to load the configuration succeeded (1) or failed (0)."};
inline constexpr Metric kReloadSuccessTimestamp = {
    "streamgauge_config_last_reload_success_timestamp_seconds", MetricType::kGauge, "",
    "When the configuration in use was loaded."};

inline constexpr Metric kProcessCpu = {"process_cpu_seconds_total", MetricType::kCounter, "",
                                       "CPU time that the agent used, user and system."};
inline constexpr Metric kProcessResident = {"process_resident_memory_bytes", MetricType::kGauge, "",
                                            "Memory that the agent has in RAM."};
inline constexpr Metric kProcessVirtual = {"process_virtual_memory_bytes", MetricType::kGauge, "",
                                           "Address space that the agent has mapped."};
inline constexpr Metric kProcessStart = {"process_start_time_seconds", MetricType::kGauge, "",
                                         "When the agent was started."};
inline constexpr Metric kProcessOpenFds = {"process_open_fds", MetricType::kGauge, "",
                                           "File descriptors that the agent has open."};
inline constexpr Metric kProcessMaxFds = {"process_max_fds", MetricType::kGauge, "",
                                          "File descriptors that the agent may have open."};
inline constexpr Metric kProcessThreads = {"process_threads", MetricType::kGauge, "",
                                           "Threads of the agent."};

// All of them, in the order of the page.
inline constexpr std::array kMetrics = {&kPollDuration,     &kPolls,
                                        &kPollErrors,       &kItemErrors,
                                        &kRequests,         &kRoundTrips,
                                        &kReceivedBytes,    &kClockClamps,
                                        &kLagVerifications, &kFeedMismatches,
                                        &kScrapeDuration,   &kBuildInfo,
                                        &kReloadSuccessful, &kReloadSuccessTimestamp,
                                        &kProcessCpu,       &kProcessResident,
                                        &kProcessVirtual,   &kProcessStart,
                                        &kProcessOpenFds,   &kProcessMaxFds,
                                        &kProcessThreads};

}  // namespace streamgauge::own
