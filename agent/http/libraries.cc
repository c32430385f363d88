#include "http/libraries.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <nlohmann/json.hpp>

#include "http/server.h"
#include "linked_libraries.h"  // made by CMake

namespace streamgauge {

Libraries HttpLibraries() {
  return {{"cpp-httplib", HttpServer::LibraryVersion()},
          {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                        NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
          {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
          {"libcrypt", kCrypt}};
}

}  // namespace streamgauge
