# How the agent's folders become libraries, the binary and tests.
#
# Files are found by pattern, and a folder may be empty or missing: a new file needs no line here,
# and one library can be built and tested while another is half written
# (ninja sg_redis redis_test).

set_property(GLOBAL PROPERTY streamgauge_libraries "")

# _streamgauge_target(<target> <sources...>): a static library, or without sources an interface.
# Sets `scope` to what its dependencies are then.
macro(_streamgauge_target target)
  if("${ARGN}" STREQUAL "")
    add_library(${target} INTERFACE)
    set(scope INTERFACE INTERFACE)
  else()
    add_library(${target} STATIC ${ARGN})
    set(scope PUBLIC PRIVATE)
  endif()
endmacro()

# streamgauge_library(<name> [PUBLIC <targets...>] [PRIVATE <targets...>])
# sg_<name> from agent/<name>/*.cc. PRIVATE is what only its .cc files and tests include.
function(streamgauge_library name)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/agent/${name}/*.cc")
  _streamgauge_target(sg_${name} ${sources})
  list(POP_FRONT scope public private)
  target_link_libraries(sg_${name} ${public} sg_flags ${arg_PUBLIC} ${private} ${arg_PRIVATE})
  set_property(GLOBAL APPEND PROPERTY streamgauge_libraries ${name})
  set_property(GLOBAL PROPERTY streamgauge_${name}_private ${arg_PRIVATE})
endfunction()

# sg_agent from agent/*.cc, and the binary from agent/main.cc.
function(streamgauge_agent)
  get_property(libraries GLOBAL PROPERTY streamgauge_libraries)
  list(TRANSFORM libraries PREPEND sg_)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/agent/*.cc")
  list(REMOVE_ITEM sources "${CMAKE_SOURCE_DIR}/agent/main.cc")
  _streamgauge_target(sg_agent ${sources})
  list(POP_FRONT scope public private)
  target_link_libraries(sg_agent ${public} sg_flags ${libraries} CLI11::CLI11)

  # The revision is looked up at every build; only a new one recompiles agent/version.cc.
  set(header "${CMAKE_BINARY_DIR}/generated/streamgauge_version.h")
  add_custom_target(sg_version BYPRODUCTS "${header}"
    COMMAND ${CMAKE_COMMAND} "-DSOURCE=${CMAKE_SOURCE_DIR}" "-DHEADER=${header}"
      "-DVERSION=${PROJECT_VERSION}" "-DREVISION=${STREAMGAUGE_REVISION}"
      -P "${CMAKE_SOURCE_DIR}/cmake/Version.cmake"
    COMMENT "version")
  target_include_directories(sg_agent ${private} "${CMAKE_BINARY_DIR}/generated")
  add_dependencies(sg_agent sg_version)

  if(EXISTS "${CMAKE_SOURCE_DIR}/agent/main.cc")
    add_executable(streamgauge agent/main.cc)
    target_link_libraries(streamgauge PRIVATE sg_agent)
    install(TARGETS streamgauge RUNTIME COMPONENT streamgauge)
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS agent)

  add_library(sg_version_floors OBJECT cmake/version_floors.cc)
  target_link_libraries(sg_version_floors PRIVATE sg_flags RdKafka::rdkafka hiredis::hiredis)
endfunction()

# Where tests and the demo find the binary, the servers and the repository: build_paths.h.
function(_streamgauge_build_paths)
  set(generated "${CMAKE_BINARY_DIR}/generated/paths")
  configure_file(cmake/build_paths.cc.in "${generated}/build_paths.cc" @ONLY)
  add_library(sg_build_paths STATIC "${generated}/build_paths.cc" cmake/build_paths.h)
  target_include_directories(sg_build_paths PUBLIC "${CMAKE_SOURCE_DIR}/cmake")
  target_link_libraries(sg_build_paths PUBLIC sg_flags)
endfunction()

# Sanitizers' settings for everything that ctest runs.
set(STREAMGAUGE_TEST_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1:suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp")

# <name>_test from tests/<name>/*_test.cc: one ctest case for each GoogleTest case, label unit.
function(_streamgauge_unit_test name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${name}/*_test.cc")
  if(NOT sources)
    return()
  endif()
  get_property(private GLOBAL PROPERTY streamgauge_${name}_private)
  add_executable(${name}_test ${sources})
  target_include_directories(${name}_test PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${name}_test
    PRIVATE sg_${name} ${private} sg_test_support GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name}_test
    TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    XML_OUTPUT_DIR "${CMAKE_BINARY_DIR}/results/${name}"
    PROPERTIES LABELS unit TIMEOUT 120 ENVIRONMENT "${STREAMGAUGE_TEST_ENVIRONMENT}")
endfunction()

# <file> from tests/integration/<file>.cc: servers are started once for the whole executable, so
# it is one ctest case, label integration. Its first word says what it tests: kafka_* is linked with
# sg_kafka alone, and anything that is not a library (agent_*, demo_*) with the whole agent and after
# the binaries. Two of one kind never run side by side: many brokers starting at once on a small
# machine miss their deadlines. Kafka's, which take the longest, are of two kinds: those that break
# brokers and those that do not.
function(_streamgauge_integration_test source)
  get_filename_component(name "${source}" NAME_WE)
  string(REGEX MATCH "^[a-z]+" subject "${name}")
  add_executable(${name} "${source}")
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  if(NOT TARGET sg_${subject})
    set(subject agent)
  endif()
  get_property(private GLOBAL PROPERTY streamgauge_${subject}_private)
  target_link_libraries(${name}
    PRIVATE sg_${subject} ${private} sg_test_support GTest::gmock GTest::gtest_main)
  foreach(binary streamgauge demo)
    if(subject STREQUAL "agent" AND TARGET ${binary})
      add_dependencies(${name} ${binary})
    endif()
  endforeach()
  add_test(NAME integration.${name}
    COMMAND ${name} "--gtest_output=xml:${CMAKE_BINARY_DIR}/results/integration/${name}.xml")
  set(kind ${subject})
  if(name MATCHES "^kafka_(cluster|feed|outage|rights)_test$")
    set(kind kafka_broken)
  endif()
  set_tests_properties(integration.${name} PROPERTIES
    LABELS integration TIMEOUT 900 RESOURCE_LOCK "${kind}"
    ENVIRONMENT "${STREAMGAUGE_TEST_ENVIRONMENT}")
endfunction()

# e2e_test from tests/e2e/*.cc: the whole system with Prometheus and Alertmanager, for some minutes.
# ctest runs it only where it is asked for its configuration: ctest -C e2e -L e2e.
function(_streamgauge_e2e_test)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/e2e/*.cc")
  add_executable(e2e_test ${sources})
  target_link_libraries(e2e_test PRIVATE sg_model sg_test_support GTest::gtest_main)
  if(TARGET streamgauge)
    add_dependencies(e2e_test streamgauge)
  endif()
  set(results "${CMAKE_BINARY_DIR}/results/e2e")
  add_test(NAME e2e.alerts CONFIGURATIONS e2e
    COMMAND e2e_test "--gtest_output=xml:${results}/e2e.xml")
  set_tests_properties(e2e.alerts PROPERTIES LABELS e2e TIMEOUT 900
    ENVIRONMENT "STREAMGAUGE_E2E_REPORT=${results}/alerts.report.txt")
endfunction()

# redis_faults_test and kafka_faults_test from tests/faults: what can go wrong, on real servers. They
# take a while and go by the clock, so nothing runs beside them. ctest runs them only where it is
# asked for their configuration (ctest -C faults -L faults), and always in a build with a sanitizer,
# where everything is slower (tests/faults/sanitized.h).
function(_streamgauge_faults_tests)
  file(GLOB shared CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/faults/*.cc")
  list(FILTER shared EXCLUDE REGEX "_test\\.cc$")
  add_library(sg_faults STATIC ${shared})
  target_link_libraries(sg_faults PUBLIC sg_model sg_test_support)
  # Loaded into servers, which are not ours, and into the agent: without our flags.
  foreach(preload shifted_clock test_names)
    add_library(${preload} MODULE tests/faults/preload/${preload}.c)
    string(TOUPPER "STREAMGAUGE_${preload}" definition)
    target_compile_definitions(sg_faults PRIVATE
      "${definition}=\"$<TARGET_FILE:${preload}>\"")
    add_dependencies(sg_faults ${preload})
  endforeach()
  set(results "${CMAKE_BINARY_DIR}/results/faults")
  set(configurations CONFIGURATIONS faults)
  if(STREAMGAUGE_SANITIZE)
    set(configurations)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/faults/*_test.cc")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} "${source}")
    target_link_libraries(${name} PRIVATE sg_faults GTest::gtest_main)
    if(TARGET streamgauge)
      add_dependencies(${name} streamgauge)
    endif()
    add_test(NAME faults.${name} ${configurations}
      COMMAND ${name} "--gtest_output=xml:${results}/${name}.xml")
    set_tests_properties(faults.${name} PROPERTIES LABELS faults TIMEOUT 600 RUN_SERIAL TRUE
      ENVIRONMENT "${STREAMGAUGE_TEST_ENVIRONMENT};STREAMGAUGE_FAULTS_REPORT=${results}")
  endforeach()
endfunction()

# fuzz_test from tests/fuzz: the kept inputs of all fuzzers, one ctest case for each fuzzer.
function(_streamgauge_fuzz_test)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*.cc")
  add_executable(fuzz_test ${sources})
  target_include_directories(fuzz_test PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(fuzz_test PRIVATE sg_agent sg_test_support GTest::gtest_main)
  gtest_discover_tests(fuzz_test
    TEST_PREFIX "fuzz." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    XML_OUTPUT_DIR "${CMAKE_BINARY_DIR}/results/fuzz"
    PROPERTIES LABELS unit TIMEOUT 120 ENVIRONMENT "${STREAMGAUGE_TEST_ENVIRONMENT}")
endfunction()

# The target `fuzzers`: an executable of libFuzzer's from each tests/fuzz/<library>_<what>_fuzz.cc,
# linked with that library alone.
function(streamgauge_fuzzers)
  add_custom_target(fuzzers)
  add_library(sg_fuzz_support STATIC tests/support/loopback.cc tests/support/metrics_page.cc)
  target_include_directories(sg_fuzz_support PUBLIC "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(sg_fuzz_support PUBLIC sg_flags nlohmann_json::nlohmann_json)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.cc")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    string(REGEX MATCH "^[a-z]+" library "${name}")
    add_executable(${name} EXCLUDE_FROM_ALL "${source}")
    target_link_libraries(${name} PRIVATE sg_${library} sg_fuzz_support)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
    add_dependencies(fuzzers ${name})
  endforeach()
endfunction()

# soak_test from tests/soak: for as long as $SOAK_SECONDS says, and only where it is asked for:
# ctest -C soak -L soak.
function(_streamgauge_soak_test)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/soak/*.cc")
  add_executable(soak_test ${sources})
  target_link_libraries(soak_test PRIVATE sg_faults sg_redis GTest::gtest_main)
  if(TARGET streamgauge)
    add_dependencies(soak_test streamgauge)
  endif()
  set(results "${CMAKE_BINARY_DIR}/results/soak")
  add_test(NAME soak.soak_test CONFIGURATIONS soak
    COMMAND soak_test "--gtest_output=xml:${results}/soak.xml")
  set_tests_properties(soak.soak_test PROPERTIES LABELS soak TIMEOUT 1000000
    ENVIRONMENT "${STREAMGAUGE_TEST_ENVIRONMENT};STREAMGAUGE_SOAK_REPORT=${results}/soak.report.txt")
endfunction()

# Tests, benchmarks (target `bench`, not built by default) and the demo.
function(streamgauge_tests)
  include(GoogleTest)
  get_property(agents DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  _streamgauge_build_paths()

  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/*.cc")
  _streamgauge_target(sg_test_support ${sources})
  list(POP_FRONT scope public private)
  target_include_directories(sg_test_support ${public} "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(sg_test_support ${public} sg_flags sg_build_paths
    hiredis::hiredis hiredis::hiredis_ssl RdKafka::rdkafka OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB
    nlohmann_json::nlohmann_json GTest::gtest Threads::Threads)

  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tools/demo/*.cc")
  add_executable(demo ${sources})
  target_link_libraries(demo PRIVATE sg_model sg_test_support)
  if(TARGET streamgauge)
    add_dependencies(demo streamgauge)
  endif()

  get_property(libraries GLOBAL PROPERTY streamgauge_libraries)
  foreach(name IN LISTS libraries ITEMS agent)
    _streamgauge_unit_test(${name})
  endforeach()
  _streamgauge_fuzz_test()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/integration/*_test.cc")
  foreach(source IN LISTS sources)
    _streamgauge_integration_test("${source}")
  endforeach()

  _streamgauge_faults_tests()
  _streamgauge_soak_test()

  # Rules, runbooks and dashboards have nothing that a sanitizer could see.
  if(NOT STREAMGAUGE_SANITIZE)
    foreach(name IN ITEMS alerts dashboards helm)
      add_test(NAME ${name} COMMAND "${CMAKE_SOURCE_DIR}/tests/${name}/run.sh"
        "${CMAKE_BINARY_DIR}/results/${name}/${name}.xml")
      set_tests_properties(${name} PROPERTIES LABELS ${name} TIMEOUT 900)
    endforeach()
    _streamgauge_e2e_test()
  endif()

  # bench/*_bench.cc is an executable each; the other files are what they share.
  add_custom_target(bench)
  file(GLOB shared CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bench/*.cc")
  list(FILTER shared EXCLUDE REGEX "_bench\\.cc$")
  add_library(sg_bench_support STATIC EXCLUDE_FROM_ALL ${shared})
  target_link_libraries(sg_bench_support PUBLIC sg_test_support)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bench/*_bench.cc")
  foreach(source IN LISTS sources)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL "${source}")
    target_link_libraries(${name} PRIVATE sg_agent sg_bench_support benchmark::benchmark)
    if(TARGET streamgauge)
      add_dependencies(${name} streamgauge)
    endif()
    add_dependencies(bench ${name})
  endforeach()

  get_property(tests DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  list(REMOVE_ITEM tests ${agents})
  foreach(test IN LISTS tests)
    get_target_property(type ${test} TYPE)
    # Not the libraries that they share: those read pages all the time.
    if(type STREQUAL "EXECUTABLE")
      set_target_properties(${test} PROPERTIES STREAMGAUGE_IS_TEST ON)
    endif()
  endforeach()
endfunction()
