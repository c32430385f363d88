# Writes HEADER with VERSION and the git revision of SOURCE. A build without a git checkout (a
# container's) gives the revision as REVISION. An unchanged header keeps its time stamp.
cmake_policy(VERSION 3.25)
if(NOT REVISION)
  execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --exclude=* --abbrev=12
    OUTPUT_VARIABLE REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT REVISION)
  set(REVISION unknown)
endif()
file(CONFIGURE OUTPUT "${HEADER}" CONTENT [[
#define STREAMGAUGE_VERSION "@VERSION@"
#define STREAMGAUGE_REVISION "@REVISION@"
]] @ONLY)
