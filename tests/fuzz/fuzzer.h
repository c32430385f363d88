// What a fuzzer is made of. A file tests/fuzz/<name>_fuzz.cc states what holds for every input:
//
//   STREAMGAUGE_FUZZER(redis_reply) { ... `input` is a std::string_view ... }
//
// With STREAMGAUGE_FUZZ it is an executable of libFuzzer's (make fuzz); without, a test that runs
// the kept inputs of tests/fuzz/corpus/<name> (make test). The name's first word is the library
// that is linked. A statement that does not hold ends the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace streamgauge::test {

// Ends the process when `holds` is false: that is how libFuzzer learns of it.
inline void Require(bool holds, std::string_view what, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

// Takes an input apart: numbers and strings while it lasts, zeros and empty strings afterwards.
class Pieces {
 public:
  explicit Pieces(std::string_view input) : rest_(input) {}

  std::uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }
  // Below `limit`, which is at most 256 and not 0.
  std::size_t Below(std::size_t limit) { return Byte() % limit; }
  // Up to the next `end`, which is left out.
  std::string_view Until(char end) {
    const std::string_view piece = rest_.substr(0, rest_.find(end));
    rest_.remove_prefix(piece.size() < rest_.size() ? piece.size() + 1 : piece.size());
    return piece;
  }
  std::string_view Line() { return Until('\n'); }
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace streamgauge::test

#ifdef STREAMGAUGE_FUZZ

#define STREAMGAUGE_FUZZER(name)                                                      \
  static void Fuzz(std::string_view input);                                           \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    /* libFuzzer may give a null pointer with no bytes. */                            \
    Fuzz(size == 0 ? std::string_view("")                                             \
                   : std::string_view(reinterpret_cast<const char*>(data), size));    \
    return 0;                                                                         \
  }                                                                                   \
  static void Fuzz(std::string_view input)

#else

#include <gtest/gtest.h>

#include "fuzz/kept_inputs.h"

#define STREAMGAUGE_FUZZER(name)                                            \
  static void Fuzz(std::string_view input);                                 \
  TEST(KeptInputs, name) { streamgauge::test::RunKeptInputs(#name, Fuzz); } \
  static void Fuzz(std::string_view input)

#endif
