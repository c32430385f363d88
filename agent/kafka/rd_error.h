// librdkafka's errors in the agent's words. For agent/kafka's .cc files only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

#include "model/error.h"

namespace streamgauge::kafka {

Reason ReasonOf(rd_kafka_resp_err_t code);

// `what` is what was asked for; `text` is librdkafka's own sentence, if it has one.
Error ErrorOf(rd_kafka_resp_err_t code, std::string_view what, const char* text = nullptr);

// The request may succeed when it is sent again in a moment: a coordinator that is loading or has
// moved, a leader that has.
bool IsPassing(rd_kafka_resp_err_t code);

// Nothing came back from the broker, not even a refusal.
bool IsSilence(rd_kafka_resp_err_t code);

}  // namespace streamgauge::kafka
