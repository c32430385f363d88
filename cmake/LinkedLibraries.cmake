# linked_libraries.h: versions that no header tells.

# _streamgauge_version(<variable> <found version> <pkg-config modules...>): the version that
# find_package knows, or pkg-config's of the first module that it has.
function(_streamgauge_version variable known)
  if(NOT known)
    pkg_search_module(linked QUIET ${ARGN})
    set(known "${linked_VERSION}")
    foreach(name IN ITEMS VERSION FOUND) # the search is remembered, and this is not the last one
      unset(linked_${name} CACHE)
    endforeach()
    unset(__pkg_config_checked_linked CACHE)
  endif()
  if(NOT known)
    set(known "unknown")
  endif()
  set(${variable} "${known}" PARENT_SCOPE)
endfunction()

_streamgauge_version(prometheus_cpp_version "${prometheus-cpp_VERSION}" prometheus-cpp-core)
_streamgauge_version(yaml_cpp_version "${yaml-cpp_VERSION}" yaml-cpp)
_streamgauge_version(crypt_version "" libxcrypt libcrypt)
# A static librdkafka that is built along has no such module.
foreach(_module IN ITEMS libcurl libsasl2 libzstd liblz4)
  if(NOT RDKAFKA_NEEDS_${_module}_VERSION AND RdKafka_SOURCE_DIR)
    _streamgauge_version(RDKAFKA_NEEDS_${_module}_VERSION "" ${_module})
  endif()
endforeach()
configure_file("${CMAKE_SOURCE_DIR}/cmake/linked_libraries.h.in"
  "${CMAKE_BINARY_DIR}/generated/linked/linked_libraries.h" @ONLY)
foreach(_library IN ITEMS config http kafka metrics)
  target_include_directories(sg_${_library} PRIVATE "${CMAKE_BINARY_DIR}/generated/linked")
endforeach()
