# httplib::httplib from its header, and its library where a distribution compiles it.
find_path(HTTPLIB_INCLUDE_DIR httplib.h)
find_library(HTTPLIB_LIBRARY cpp-httplib)
mark_as_advanced(HTTPLIB_INCLUDE_DIR HTTPLIB_LIBRARY)
set(HTTPLIB_VERSION)
if(HTTPLIB_INCLUDE_DIR)
  file(STRINGS "${HTTPLIB_INCLUDE_DIR}/httplib.h" _line REGEX "define CPPHTTPLIB_VERSION \"" LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" HTTPLIB_VERSION "${_line}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(httplib
  REQUIRED_VARS HTTPLIB_INCLUDE_DIR VERSION_VAR HTTPLIB_VERSION)
if(httplib_FOUND AND NOT TARGET httplib::httplib)
  add_library(httplib::httplib INTERFACE IMPORTED)
  target_include_directories(httplib::httplib INTERFACE "${HTTPLIB_INCLUDE_DIR}")
  target_compile_definitions(httplib::httplib
    INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT CPPHTTPLIB_ZLIB_SUPPORT)
  target_link_libraries(httplib::httplib
    INTERFACE OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads)
  if(HTTPLIB_LIBRARY)
    target_link_libraries(httplib::httplib INTERFACE "${HTTPLIB_LIBRARY}")
  endif()
endif()
