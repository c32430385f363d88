// How the C library's allocator keeps memory. Call it before the first thread starts.
#pragma once

namespace streamgauge {

// Makes glibc give memory back. Each poll allocates and frees a few megabytes in threads that come
// and go (librdkafka's included); with glibc's defaults every thread keeps an arena of its own and
// its free memory for ever. Measured with 100,000 group-partitions: 117 MiB resident without this,
// 79 MiB with it, at the same CPU time. No effect with other C libraries.
void KeepHeapSmall();

}  // namespace streamgauge
