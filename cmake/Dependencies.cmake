# Every third-party library, once: where it comes from, which commit, the oldest version that works.
#
# Included by the agent's own build and by cmake/deps, which builds what the system lacks into a
# prefix that all checkouts share (tools/deps.sh). In both, the system's package or that prefix is
# used where it is new enough; otherwise FetchContent gets the pinned commit from upstream.
#
# Code uses these targets and includes, however the library got here:
#   RdKafka::rdkafka               <librdkafka/rdkafka.h>
#   hiredis::hiredis               <hiredis/hiredis.h>
#   hiredis::hiredis_ssl           <hiredis/hiredis_ssl.h>
#   prometheus-cpp::core           <prometheus/registry.h>
#   httplib::httplib               <httplib.h>, with TLS and zlib
#   fmt::fmt                       <fmt/format.h>
#   spdlog::spdlog                 <spdlog/spdlog.h>
#   streamgauge::yaml              <yaml-cpp/yaml.h>
#   CLI11::CLI11                   <CLI/CLI.hpp>
#   nlohmann_json::nlohmann_json   <nlohmann/json.hpp>
#   GTest::gtest_main, GTest::gmock, benchmark::benchmark   with STREAMGAUGE_TESTS
# cmake/version_floors.cc repeats the floors of those that a system often has an older copy of.

include(FetchContent)
list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)

# streamgauge_dependency(<name> <git url> <commit> [<find_package arguments>...])
# Makes the library's targets available and sets <name>_SOURCE_DIR if it is built here.
function(streamgauge_dependency name url commit)
  string(TOUPPER "${name}" upper)
  string(TOLOWER "${name}" lower)
  FetchContent_Declare(${name}
    GIT_REPOSITORY ${url} GIT_TAG ${commit} GIT_SUBMODULES "" SYSTEM
    FIND_PACKAGE_ARGS ${ARGN})
  FetchContent_MakeAvailable(${name})
  if(${name}_FOUND)
    message(STATUS "dependency ${name} ${${name}_VERSION}: found")
    return()
  endif()
  # With FETCHCONTENT_FULLY_DISCONNECTED a missing source is passed over in silence.
  if(NOT EXISTS "${${lower}_SOURCE_DIR}/CMakeLists.txt")
    message(FATAL_ERROR "${name} is not on this system, or too old, and its sources are not in "
      "'${${lower}_SOURCE_DIR}'. Run tools/setup.sh build, then tools/deps.sh.")
  endif()
  message(STATUS "dependency ${name}: built from ${${lower}_SOURCE_DIR}")
  set(${name}_SOURCE_DIR "${${lower}_SOURCE_DIR}" PARENT_SCOPE)
endfunction()

# streamgauge_expose(<target> <folder> <source>)
# Lets sources that are built here be included as <folder/header.h>, as when they are installed,
# and before an older header of the same name in /usr/include.
function(streamgauge_expose target folder source)
  set(root "${CMAKE_BINARY_DIR}/include/${folder}")
  file(MAKE_DIRECTORY "${root}")
  file(CREATE_LINK "${source}" "${root}/${folder}" SYMBOLIC)
  target_include_directories(${target} SYSTEM BEFORE INTERFACE "$<BUILD_INTERFACE:${root}>")
endfunction()

set(CMAKE_POLICY_DEFAULT_CMP0077 NEW) # option() keeps the values set here
set(CMAKE_WARN_DEPRECATED OFF)
set(BUILD_SHARED_LIBS OFF)
set(BUILD_TESTING OFF)

# 2.10.1: the first that describes KIP-848 groups rightly (2.8 calls a healthy one dead and empty).
set(RDKAFKA_BUILD_STATIC ON)
set(RDKAFKA_BUILD_EXAMPLES OFF)
set(RDKAFKA_BUILD_TESTS OFF)
set(WITH_SSL ON)
set(WITH_SASL ON)
set(WITH_CURL ON) # OAUTHBEARER with OIDC
set(WITH_ZLIB ON)
set(WITH_ZSTD ON)
set(ENABLE_LZ4_EXT ON)
set(WITH_PLUGINS OFF)
streamgauge_dependency(RdKafka https://github.com/confluentinc/librdkafka.git
  65160574f8983f2063646c35cad0c9fa0b4905d7 2.10.1) # v2.14.2
if(RdKafka_SOURCE_DIR)
  add_library(RdKafka::rdkafka ALIAS rdkafka)
  streamgauge_expose(rdkafka librdkafka "${RdKafka_SOURCE_DIR}/src")
endif()

# 1.1: the first whose TLS and timeouts can be used together.
set(ENABLE_SSL ON)
set(DISABLE_TESTS ON)
streamgauge_dependency(hiredis https://github.com/redis/hiredis.git
  60e5075d4ac77424809f855ba3e398df7aacefe8 1.1) # v1.2.0
if(hiredis_SOURCE_DIR)
  streamgauge_expose(hiredis hiredis "${hiredis_SOURCE_DIR}")
endif()

# Core alone: the agent has its own HTTP server. The package has no version file: ask for none.
set(ENABLE_PULL OFF)
set(ENABLE_PUSH OFF)
set(ENABLE_TESTING OFF)
set(ENABLE_COMPRESSION OFF)
set(USE_THIRDPARTY_LIBRARIES OFF)
set(OVERRIDE_CXX_STANDARD_FLAGS OFF)
set(GENERATE_PKGCONFIG ON) # which knows the version, unlike its headers
streamgauge_dependency(prometheus-cpp https://github.com/jupp0r/prometheus-cpp.git
  e5fada43131d251e9c4786b04263ce98b6767ba5) # v1.3.0

set(HTTPLIB_REQUIRE_OPENSSL ON)
set(HTTPLIB_REQUIRE_ZLIB ON)
set(HTTPLIB_USE_BROTLI_IF_AVAILABLE OFF)
set(HTTPLIB_USE_ZSTD_IF_AVAILABLE OFF)
set(HTTPLIB_COMPILE OFF)
streamgauge_dependency(httplib https://github.com/yhirose/cpp-httplib.git
  073b58796205b928b61f4cae89ab4130b7f1aee0 0.15) # v0.41.0

streamgauge_dependency(fmt https://github.com/fmtlib/fmt.git
  e69e5f977d458f2650bb346dadf2ad30c5320281 9) # 10.2.1

set(SPDLOG_FMT_EXTERNAL ON) # the one above: two copies of {fmt} in one program do not mix
streamgauge_dependency(spdlog https://github.com/gabime/spdlog.git
  27cb4c76708608465c413f6d0e6b8d99a4d84302 1.10) # v1.14.1

set(YAML_CPP_BUILD_TOOLS OFF)
set(YAML_CPP_BUILD_TESTS OFF)
streamgauge_dependency(yaml-cpp https://github.com/jbeder/yaml-cpp.git
  f7320141120f720aecc4c32be25586e7da9eb978 0.7) # 0.8.0
add_library(streamgauge_yaml INTERFACE)
add_library(streamgauge::yaml ALIAS streamgauge_yaml)
if(TARGET yaml-cpp::yaml-cpp)
  target_link_libraries(streamgauge_yaml INTERFACE yaml-cpp::yaml-cpp)
else() # 0.7
  target_link_libraries(streamgauge_yaml INTERFACE yaml-cpp)
endif()

set(CLI11_BUILD_EXAMPLES OFF)
set(CLI11_BUILD_TESTS OFF)
streamgauge_dependency(CLI11 https://github.com/CLIUtils/CLI11.git
  6c7b07a878ad834957b98d0f9ce1dbe0cb204fc9 2.1) # v2.4.2

streamgauge_dependency(nlohmann_json https://github.com/nlohmann/json.git
  9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03 3.11) # v3.11.3

if(STREAMGAUGE_TESTS)
  streamgauge_dependency(GTest https://github.com/google/googletest.git
    f8d7d77c06936315286eb55f8de22cd23c188571 1.12) # v1.14.0

  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_WERROR OFF)
  streamgauge_dependency(benchmark https://github.com/google/benchmark.git
    344117638c8ff7e239044fd0fa7085839fc03021 1.7) # v1.8.3
endif()
