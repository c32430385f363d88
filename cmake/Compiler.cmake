# How our own code is compiled: the target sg_flags carries it, so that third-party code that is
# built along is left alone.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Line tables only: stack traces have lines, and linking stays quick.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

add_library(sg_flags INTERFACE)
target_include_directories(sg_flags INTERFACE "${CMAKE_SOURCE_DIR}/agent")
target_compile_options(sg_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2
  -Wcast-qual -Wunused -Wvla -Wextra-semi
  -Wno-missing-field-initializers # designated initializers leave fields out on purpose
  # Paths in the binary and in __FILE__ are relative to the checkout: builds in different
  # folders give the same objects, which the compiler cache can share.
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
if(STREAMGAUGE_WERROR)
  target_compile_options(sg_flags INTERFACE -Werror)
endif()

if(STREAMGAUGE_FUZZ)
  # The fuzzers themselves are linked with -fsanitize=fuzzer (Streamgauge.cmake).
  target_compile_options(sg_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -UNDEBUG -D_GLIBCXX_ASSERTIONS)
  target_compile_definitions(sg_flags INTERFACE STREAMGAUGE_FUZZ)
elseif(STREAMGAUGE_SANITIZE STREQUAL "")
  include(Hardening)
  # Reading past a vector's end, or what an empty optional does not hold, ends the process.
  target_compile_options(sg_flags INTERFACE ${STREAMGAUGE_HARDENING} -D_GLIBCXX_ASSERTIONS)
  target_link_options(sg_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
elseif(STREAMGAUGE_SANITIZE MATCHES "^(address|thread)$")
  if(STREAMGAUGE_SANITIZE STREQUAL "address")
    set(_sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  else()
    set(_sanitize -fsanitize=thread)
    # librdkafka's threads would be unknown to ThreadSanitizer. -u takes the definitions into every
    # executable, wherever the library stands in its link line.
    add_library(sg_tsan_c11_threads STATIC cmake/tsan_c11_threads.c)
    target_compile_features(sg_tsan_c11_threads PRIVATE c_std_11)
    target_link_libraries(sg_flags INTERFACE sg_tsan_c11_threads)
    target_link_options(sg_flags INTERFACE -Wl,-u,thrd_create)
  endif()
  # Assertions stay in: a sanitizer build is there to find mistakes. Tests (Streamgauge.cmake) are
  # not optimized, which halves the time that compiling them takes: they only look on.
  target_compile_options(sg_flags INTERFACE ${_sanitize} -fno-omit-frame-pointer -UNDEBUG
    $<IF:$<BOOL:$<TARGET_PROPERTY:STREAMGAUGE_IS_TEST>>,-O0,-O1>)
  target_link_options(sg_flags INTERFACE ${_sanitize})
else()
  message(FATAL_ERROR "STREAMGAUGE_SANITIZE is '${STREAMGAUGE_SANITIZE}': address, thread or empty")
endif()

# The compiler cache makes a second checkout quick. Absolute paths below the checkout are left out
# of its keys.
find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(_launcher "${CMAKE_COMMAND}" -E env
    "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER ${_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launcher})
endif()
