// librdkafka's objects as owners, and its errors as exceptions. For tests/support only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "model/destroy.h"

namespace streamgauge::test {

using KafkaHandle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using KafkaOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using KafkaPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                        Destroy<rd_kafka_topic_partition_list_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;

using KafkaProperties = std::map<std::string, std::string>;

// Throws std::runtime_error when a property is refused. The handle logs nothing.
KafkaHandle MakeKafkaHandle(rd_kafka_type_t type, const KafkaProperties& properties);

// Throws std::runtime_error("<what>: <error>") unless there is none.
void ThrowIf(rd_kafka_resp_err_t error, const std::string& what);
void ThrowIf(rd_kafka_error_t* owned, const std::string& what);

}  // namespace streamgauge::test
