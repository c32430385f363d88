#include "support/kafka_handles.h"

#include <array>

namespace streamgauge::test {

KafkaHandle MakeKafkaHandle(rd_kafka_type_t type, const KafkaProperties& properties) {
  std::array<char, 512> error{};
  KafkaProperties all = {{"log_level", "2"}, {"socket.timeout.ms", "10000"}};
  for (const auto& [name, value] : properties) all[name] = value;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()) !=
        RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error(error.data());
    }
  }
  KafkaHandle handle(rd_kafka_new(type, conf, error.data(), error.size()));
  if (!handle) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(error.data());
  }
  return handle;
}

void ThrowIf(rd_kafka_resp_err_t error, const std::string& what) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

void ThrowIf(rd_kafka_error_t* owned, const std::string& what) {
  if (owned == nullptr) return;
  const KafkaError error(owned);
  throw std::runtime_error(what + ": " + rd_kafka_error_string(error.get()));
}

}  // namespace streamgauge::test
