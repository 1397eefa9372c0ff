// Pictures row by row: as floats, whatever their type, and filtered by the 3×3 binomial kernel.
#pragma once

#include <algorithm>
#include <vector>

#include "lanes.h"

namespace stylegan {

struct Extent {
  int64_t n, h, w, c;
  int64_t row() const { return w * c; }
  int64_t picture() const { return h * row(); }
  int64_t size() const { return n * picture(); }
};

// Channels filled up to whole vectors.
inline int64_t whole_lanes(int64_t channels) { return (channels + kLanes - 1) / kLanes * kLanes; }

// Rows a task: about 2^18 elements, since halos and statistics cost something a task.
inline int64_t rows_a_task(const Extent& e) {
  return std::clamp<int64_t>((1 << 18) / std::max<int64_t>(1, e.row()), 1, std::max<int64_t>(1, e.h));
}

// Calls body(place, lanes) for a row of so many elements.
template <class Body>
INLINE void along(int64_t length, const Body& body) {
  int64_t i = 0;
  for (; i + kLanes <= length; i += kLanes) body(i, int64_t(kLanes));
  if (i < length) body(i, length - i);
}

template <class T>
INLINE Lanes get(const T* from, int64_t count) {
  return count == kLanes ? load(from) : load_some(from, count);
}

template <class T>
INLINE void put(T* to, Lanes lanes, int64_t count) {
  count == kLanes ? store(to, lanes) : store_some(to, lanes, count);
}

// Rows of any type as floats and back; of floats there is nothing to do.
void to_floats(const bfloat16* from, float* to, int64_t length);
void to_floats(const half* from, float* to, int64_t length);
void from_floats(const float* from, bfloat16* to, int64_t length);
void from_floats(const float* from, half* to, int64_t length);

// out = [1, 2, 1]⊗[1, 2, 1] / 16 over three rows, zeros left and right. `sums` is room for
// length + 2·c floats.
void blur_row(const float* above, const float* here, const float* below, float* sums, float* out,
              int64_t length, int64_t c);

// A picture's rows as floats. The last three asked for stay valid; those outside are zero.
template <class T>
class RowsIn {
 public:
  RowsIn(const T* picture, const Extent& e)
      : picture_(picture), e_(e), buffers_(kCopies ? 3 * e.row() : 0) {}

  const float* row(int64_t y) {
    if (y < 0 || y >= e_.h) {
      zero_.resize(e_.row());
      return zero_.data();
    }
    const T* from = picture_ + y * e_.row();
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
  const T* picture_;
  const Extent& e_;
  std::vector<float> zero_, buffers_;
  int64_t held_[3] = {-1, -1, -1};
};

// A picture's rows to be written as floats: ask where, write, and say that it is done.
template <class T>
class RowsOut {
 public:
  RowsOut(T* picture, const Extent& e)
      : picture_(picture), e_(e), buffer_(kCopies ? e.row() : 0) {}

  float* row(int64_t y) {
    if constexpr (kCopies) return buffer_.data();
    else return picture_ + y * e_.row();
  }
  void done(int64_t y) {
    if constexpr (kCopies) from_floats(buffer_.data(), picture_ + y * e_.row(), e_.row());
  }

 private:
  static constexpr bool kCopies = sizeof(T) != sizeof(float);
  T* picture_;
  const Extent& e_;
  std::vector<float> buffer_;
};

}  // namespace stylegan
