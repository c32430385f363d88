// The inputs that are kept in the repository, run through a fuzzer as a test.
#pragma once

#include <string>
#include <string_view>

namespace streamgauge::test {

// Every file of tests/fuzz/corpus/<name>, by name, and the empty input. Fails when there is none. A
// file that ends the process is the last one that was named on stderr.
void RunKeptInputs(const std::string& name, void (*fuzz)(std::string_view input));

}  // namespace streamgauge::test
