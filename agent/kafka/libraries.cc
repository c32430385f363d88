#include "kafka/libraries.h"

#include <librdkafka/rdkafka.h>

#include "linked_libraries.h"  // made by CMake

namespace streamgauge {

Libraries KafkaLibraries() {
  Libraries libraries = {{"librdkafka", rd_kafka_version_str()}};
  // What it is linked with, where that is known: a shared librdkafka brings its own.
  for (const auto& [name, version] : kLinkedByRdKafka) {
    if (*version != '\0') libraries.push_back({name, version});
  }
  return libraries;
}

}  // namespace streamgauge
