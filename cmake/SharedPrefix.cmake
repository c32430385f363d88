# Finds the libraries that tools/deps.sh has built for this checkout, if it has. Without them
# Dependencies.cmake looks on the system and then upstream.
set(_compiler "${CMAKE_CXX_COMPILER}")
if(STREAMGAUGE_FUZZ) # clang has g++'s standard library: one build of them serves both
  set(_compiler g++)
endif()
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env "CXX=${_compiler}"
    "${CMAKE_SOURCE_DIR}/tools/deps.sh" --prefix
  OUTPUT_VARIABLE _prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _failed ERROR_QUIET)
if(_failed OR NOT EXISTS "${_prefix}/.complete")
  set(_prefix "")
endif()

# Forget what an earlier configuration of this build folder found in another prefix.
if(DEFINED STREAMGAUGE_PREFIX AND NOT STREAMGAUGE_PREFIX STREQUAL _prefix)
  get_cmake_property(_cached CACHE_VARIABLES)
  foreach(_name IN LISTS _cached)
    if(_name MATCHES "^(RDKAFKA|HIREDIS|HTTPLIB|__pkg_config|pkgcfg_lib_|prometheus-cpp_DIR)")
      unset(${_name} CACHE)
    endif()
  endforeach()
endif()
set(STREAMGAUGE_PREFIX "${_prefix}" CACHE INTERNAL "the libraries of tools/deps.sh")

if(_prefix)
  message(STATUS "libraries of tools/deps.sh: ${_prefix}")
  list(PREPEND CMAKE_PREFIX_PATH "${_prefix}")
endif()
