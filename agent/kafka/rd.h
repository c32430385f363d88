// librdkafka's objects as owners. For agent/kafka's .cc files only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

#include "model/destroy.h"

namespace streamgauge::kafka {

using RdConf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using RdQueue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using RdEvent = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using RdError = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using RdAdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using RdPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                     Destroy<rd_kafka_topic_partition_list_destroy>>;
using RdMessage = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using RdTopicCollection =
    std::unique_ptr<rd_kafka_TopicCollection_t, Destroy<rd_kafka_TopicCollection_destroy>>;
using RdConfigResource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;
using RdGroupOffsetsQuery = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                            Destroy<rd_kafka_ListConsumerGroupOffsets_destroy>>;

}  // namespace streamgauge::kafka
