// What a process holds over a long time, and whether it grows.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace streamgauge::test {

// A row of equally spaced samples.
class Flatness {
 public:
  void Add(std::size_t sample) { samples_.push_back(sample); }

  // The medians of the middle third and of the last; 0 without samples. The first third is for
  // warming up.
  std::size_t middle() const { return MedianOf(1); }
  std::size_t last() const { return MedianOf(2); }
  std::size_t size() const { return samples_.size(); }

 private:
  std::size_t MedianOf(std::size_t third) const;

  std::vector<std::size_t> samples_;
};

}  // namespace streamgauge::test
