// A C library's objects as owners: std::unique_ptr<BIO, Destroy<BIO_free>>.
#pragma once

namespace streamgauge {

template <auto kDestroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

}  // namespace streamgauge
