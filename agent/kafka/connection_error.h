// What librdkafka says of a connection that failed, in the agent's words: the reason, and what to
// try. Plain functions. For agent/kafka's .cc files only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

#include "model/error.h"

namespace streamgauge::kafka {

// `text`: librdkafka's sentence. `certificate`: what CertificateVerdict gave, where the broker's
// certificate is what the connection failed for.
Error ConnectionError(rd_kafka_resp_err_t code, std::string_view text,
                      std::string_view certificate = {});

// librdkafka's line of a connection, without the thread that wrote it.
std::string_view WithoutThread(std::string_view line);

// Whose certificate is not accepted, and why, from the line that librdkafka logs for it. librdkafka
// puts no reason into its error. Empty: no such line.
std::string CertificateVerdict(std::string_view line);

// Has librdkafka log why a certificate is not accepted. Changes nothing in what is.
void TellCertificateVerdicts(rd_kafka_conf_t* conf);

}  // namespace streamgauge::kafka
