# hiredis::hiredis and hiredis::hiredis_ssl from pkg-config.
pkg_check_modules(HIREDIS QUIET IMPORTED_TARGET hiredis)
pkg_check_modules(HIREDIS_SSL QUIET IMPORTED_TARGET hiredis_ssl)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(hiredis
  REQUIRED_VARS HIREDIS_LINK_LIBRARIES HIREDIS_SSL_LINK_LIBRARIES VERSION_VAR HIREDIS_VERSION)
if(hiredis_FOUND AND NOT TARGET hiredis::hiredis)
  add_library(hiredis::hiredis INTERFACE IMPORTED)
  # <hiredis/hiredis.h>: the .pc file names .../include/hiredis itself.
  target_include_directories(hiredis::hiredis INTERFACE "${HIREDIS_INCLUDEDIR}")
  target_link_libraries(hiredis::hiredis INTERFACE PkgConfig::HIREDIS)
  add_library(hiredis::hiredis_ssl INTERFACE IMPORTED)
  target_link_libraries(hiredis::hiredis_ssl
    INTERFACE PkgConfig::HIREDIS_SSL hiredis::hiredis OpenSSL::SSL OpenSSL::Crypto)
endif()
