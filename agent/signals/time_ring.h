// The recent past of something: points in time, oldest first, in a fixed place and of a fixed
// number, whatever the poll interval. Points closer together than the spacing are thinned out, and
// the newest is always the latest poll's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace streamgauge {

// Wall time in milliseconds.
using Tick = std::int64_t;

inline double SecondsBetween(Tick from, Tick to) { return static_cast<double>(to - from) / 1000; }

// `Point` has a member `Tick tick`.
template <typename Point>
class TimeRing {
 public:
  // The spacing is a fraction of the window such that a window always fits.
  static constexpr std::size_t kCapacity = 20;
  static constexpr Tick SpacingFor(Tick window) {
    return window / static_cast<Tick>(kCapacity - 2);
  }

  // REQUIRES: points arrive in the order of time.
  void Push(const Point& point, Tick window) {
    const bool newest_is_close =
        size_ >= 2 && (*this)[size_ - 1].tick - (*this)[size_ - 2].tick < SpacingFor(window);
    if (newest_is_close) --size_;
    while (size_ == kCapacity || IsBeyondWindow(point.tick, window)) DropOldest();
    points_[(begin_ + size_++) % kCapacity] = point;
  }
  void Clear() { size_ = 0; }

  std::size_t size() const { return size_; }
  const Point& operator[](std::size_t i) const { return points_[(begin_ + i) % kCapacity]; }
  const Point& oldest() const { return (*this)[0]; }
  const Point& newest() const { return (*this)[size_ - 1]; }
  double seconds() const { return size_ == 0 ? 0 : SecondsBetween(oldest().tick, newest().tick); }

 private:
  // One point at the window's far edge, or just beyond, stays: without it the window would never
  // be covered.
  bool IsBeyondWindow(Tick now, Tick window) const {
    return size_ >= 2 && now - (*this)[1].tick >= window;
  }
  void DropOldest() {
    begin_ = (begin_ + 1) % kCapacity;
    --size_;
  }

  std::array<Point, kCapacity> points_;
  std::uint8_t begin_ = 0;
  std::uint8_t size_ = 0;
};

}  // namespace streamgauge
