# hiredis::hiredis and hiredis::hiredis_ssl from pkg-config. Included as <hiredis/hiredis.h> alone:
# the .pc file's own folder would put a "read.h" and a "net.h" in everyone's way.
pkg_check_modules(HIREDIS QUIET hiredis)
find_library(HIREDIS_LIBRARY hiredis HINTS "${HIREDIS_LIBDIR}")
find_library(HIREDIS_SSL_LIBRARY hiredis_ssl HINTS "${HIREDIS_LIBDIR}")
mark_as_advanced(HIREDIS_LIBRARY HIREDIS_SSL_LIBRARY)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(hiredis
  REQUIRED_VARS HIREDIS_LIBRARY HIREDIS_SSL_LIBRARY HIREDIS_INCLUDEDIR VERSION_VAR HIREDIS_VERSION)
if(hiredis_FOUND AND NOT TARGET hiredis::hiredis)
  add_library(hiredis::hiredis UNKNOWN IMPORTED)
  set_target_properties(hiredis::hiredis PROPERTIES IMPORTED_LOCATION "${HIREDIS_LIBRARY}")
  target_include_directories(hiredis::hiredis INTERFACE "${HIREDIS_INCLUDEDIR}")
  add_library(hiredis::hiredis_ssl UNKNOWN IMPORTED)
  set_target_properties(hiredis::hiredis_ssl PROPERTIES IMPORTED_LOCATION "${HIREDIS_SSL_LIBRARY}")
  target_link_libraries(hiredis::hiredis_ssl
    INTERFACE hiredis::hiredis OpenSSL::SSL OpenSSL::Crypto)
endif()
