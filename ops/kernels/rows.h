// Reads and writes images of any type row by row as floats, and filters rows with the 3×3 binomial
// kernel.
#pragma once

#include <algorithm>
#include <vector>

#include "vec.h"

namespace stylegan {

struct Extent {
  int64_t n, h, w, c;
  int64_t row() const { return w * c; }
  int64_t image() const { return h * row(); }
  int64_t size() const { return n * image(); }
};

// The number of channels, rounded up to a multiple of the vector size.
inline int64_t padded_to_lanes(int64_t channels) {
  return (channels + kLanes - 1) / kLanes * kLanes;
}

// Rows per task: about 2^18 elements, since every task pays for its halo and statistics.
inline int64_t rows_per_task(const Extent& e) {
  return std::clamp<int64_t>((1 << 18) / std::max<int64_t>(1, e.row()), 1,
                             std::max<int64_t>(1, e.h));
}

// Calls body(offset, count) for each vector of a row; the last one can be partial.
template <class Body>
INLINE void along(int64_t length, const Body& body) {
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes) body(i, int64_t(kLanes));
  if (i < length) body(i, length - i);
}

template <class T>
INLINE VecF32 get(const T* from, int64_t count) {
  return count == kLanes ? load(from) : load_partial(from, count);
}

template <class T>
INLINE void put(T* to, VecF32 lanes, int64_t count) {
  count == kLanes ? store(to, lanes) : store_partial(to, lanes, count);
}

// Convert rows to floats and back. Rows of floats need no conversion.
void to_floats(const bfloat16* from, float* to, int64_t length);
void to_floats(const half* from, float* to, int64_t length);
void from_floats(const float* from, bfloat16* to, int64_t length);
void from_floats(const float* from, half* to, int64_t length);

// Filters three rows with [1, 2, 1]⊗[1, 2, 1] / 16, zeros left and right. `sums` is a buffer of
// length + 2·c floats.
void blur_row(const float* above, const float* here, const float* below, float* sums, float* out,
              int64_t length, int64_t c);

// Reads an image's rows as floats. The last three rows stay valid; rows outside of it are zero.
template <class T>
class InputRows {
 public:
  InputRows(const T* image, const Extent& e)
      : image_(image), e_(e), buffers_(kCopies ? 3 * e.row() : 0) {}

  const float* row(int64_t y) {
    if (y < 0 || y >= e_.h) {
      zero_.resize(e_.row());
      return zero_.data();
    }
    const T* from = image_ + y * e_.row();
    if constexpr (kCopies) {
      float* buffer = buffers_.data() + y % 3 * e_.row();
      if (held_[y % 3] != y) to_floats(from, buffer, e_.row());
      held_[y % 3] = y;
      return buffer;
    } else {
      return from;
    }
  }

 private:
  static constexpr bool kCopies = sizeof(T) != sizeof(float);
  const T* image_;
  const Extent& e_;
  std::vector<float> zero_, buffers_;
  int64_t held_[3] = {-1, -1, -1};
};

// Writes an image's rows from floats: the caller fills row(y), then calls done(y).
template <class T>
class OutputRows {
 public:
  OutputRows(T* image, const Extent& e)
      : image_(image), e_(e), buffer_(kCopies ? e.row() : 0) {}

  float* row(int64_t y) {
    if constexpr (kCopies) return buffer_.data();
    else return image_ + y * e_.row();
  }
  void done(int64_t y) {
    if constexpr (kCopies) from_floats(buffer_.data(), image_ + y * e_.row(), e_.row());
  }

 private:
  static constexpr bool kCopies = sizeof(T) != sizeof(float);
  T* image_;
  const Extent& e_;
  std::vector<float> buffer_;
};

}  // namespace stylegan
