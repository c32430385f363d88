// A small HTTP/1.1 client for what the agent serves on loopback.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace streamgauge::test {

struct HttpResponse {
  int status = 0;                              // 0: no answer, or one that is no HTTP
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // chunks put together; not decompressed
};

// GET from 127.0.0.1. Nothing is thrown: a refused connection is a status of 0.
HttpResponse HttpGet(std::uint16_t port, const std::string& path,
                     const std::map<std::string, std::string>& headers = {},
                     std::chrono::milliseconds timeout = std::chrono::seconds(30));

// As HttpGet, but keeps nothing: the size of the whole answer, for who measures. Throws
// std::runtime_error when it is not one with status 200.
std::size_t HttpDrain(std::uint16_t port, const std::string& path,
                      const std::map<std::string, std::string>& headers = {},
                      std::chrono::milliseconds timeout = std::chrono::seconds(30));

// Any other method, with a body.
HttpResponse HttpRequest(std::uint16_t port, const std::string& method, const std::string& path,
                         const std::map<std::string, std::string>& headers = {},
                         const std::string& body = "",
                         std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace streamgauge::test
