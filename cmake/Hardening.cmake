# STREAMGAUGE_HARDENING: compiler options that make a mistake in memory end the process instead of
# something worse. For our own code and for the libraries that are built along; SECURITY.md lists
# them, and a test looks for them in the binary.

set(STREAMGAUGE_HARDENING -fstack-protector-strong -fstack-clash-protection)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug") # fortified functions need an optimizing compiler
  list(APPEND STREAMGAUGE_HARDENING -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  list(APPEND STREAMGAUGE_HARDENING -fcf-protection)
endif()
