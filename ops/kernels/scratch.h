// Temporary memory of a call. It is kept for the next call, since the first touch of new pages
// costs more than the work on them.
#pragma once

#include <cstdint>

namespace stylegan {

class Scratch {
 public:
  explicit Scratch(int64_t numbers);
  Scratch(const Scratch&) = delete;
  ~Scratch();

  // The next `numbers` floats of the buffer, uninitialized.
  float* take(int64_t numbers) {
    float* const taken = next_;
    next_ += numbers;
    return taken;
  }

 private:
  float *memory_, *next_;
  int64_t size_;
};

}  // namespace stylegan
