// Memory for the time of a call that stays for the next: fresh pages cost more than what is done
// to them.
#pragma once

#include <cstdint>

namespace stylegan {

class Scratch {
 public:
  explicit Scratch(int64_t numbers);
  Scratch(const Scratch&) = delete;
  ~Scratch();

  // The next so many numbers, of those asked for; anything is in them.
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
