// The oldest libraries that work, checked against the headers that the compiler really finds: an
// older copy in /usr/include passes every check that only asks the package manager.

#include <hiredis/hiredis.h>
#include <librdkafka/rdkafka.h>

static_assert(RD_KAFKA_VERSION >= 0x020a01ff, "librdkafka 2.10.1 or newer is needed");
static_assert(HIREDIS_MAJOR > 1 || (HIREDIS_MAJOR == 1 && HIREDIS_MINOR >= 1),
              "hiredis 1.1 or newer is needed");
