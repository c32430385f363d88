#include "heap.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace streamgauge {

void KeepHeapSmall() {
#ifdef __GLIBC__
  constexpr int kBytes = 256 * 1024;
  mallopt(M_ARENA_MAX, 2);
  // Setting these also ends their growth with the largest block ever freed.
  mallopt(M_TRIM_THRESHOLD, kBytes);
  mallopt(M_MMAP_THRESHOLD, kBytes);
#endif
}

}  // namespace streamgauge
