#include "kafka/cluster_reader.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "kafka/rd_error.h"

namespace streamgauge::kafka {
namespace {

constexpr Duration kMaxBlockingWait{2000};

std::vector<std::int32_t> BrokersOf(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const rd_kafka_Node_t** nodes =
      rd_kafka_DescribeCluster_result_nodes(rd_kafka_event_DescribeCluster_result(event), &count);
  std::vector<std::int32_t> brokers;
  brokers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) brokers.push_back(rd_kafka_Node_id(nodes[i]));
  std::sort(brokers.begin(), brokers.end());
  return brokers;
}

Result<std::vector<std::int32_t>> AskForBrokers(AdminRequests& requests,
                                                std::optional<std::int32_t> whom) {
  Result<std::vector<std::int32_t>> result;
  AdminRequest request;
  request.kind = "describe_cluster";
  request.broker = whom;
  request.send = [](rd_kafka_t* handle, const rd_kafka_AdminOptions_t* options,
                    rd_kafka_queue_t* queue) { rd_kafka_DescribeCluster(handle, options, queue); };
  request.done = [&](rd_kafka_event_t* event) {
    result = BrokersOf(event);
    if (result->empty()) result = std::unexpected(Error{Reason::kBadReply, "no broker is up"});
  };
  request.failed = [&](RequestError error) { result = std::unexpected(std::move(error.error)); };
  requests.Add(std::move(request));
  requests.Run();
  return result;
}

}  // namespace

Result<std::vector<std::int32_t>> ReadBrokers(AdminRequests& requests,
                                              const std::vector<std::int32_t>& known) {
  if (known.empty()) return AskForBrokers(requests, std::nullopt);
  auto brokers = AskForBrokers(requests, known[0]);
  if (brokers || known.size() == 1 || requests.Over()) return brokers;
  return AskForBrokers(requests, known[1]);
}

Result<std::vector<std::string>> ReadTopicNames(AdminRequests& requests) {
  const struct rd_kafka_metadata* raw = nullptr;
  requests.CountRequest("metadata");
  const Duration wait = std::min(requests.TimeLeft(), kMaxBlockingWait);
  const rd_kafka_resp_err_t code = rd_kafka_metadata(requests.client().handle(), 1, nullptr, &raw,
                                                     static_cast<int>(wait.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(ErrorOf(code, "listing the topics"));
  }
  const std::unique_ptr<const struct rd_kafka_metadata, Destroy<rd_kafka_metadata_destroy>>
      metadata(raw);
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(metadata->topic_cnt));
  for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
  return names;
}

}  // namespace streamgauge::kafka
