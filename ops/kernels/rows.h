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

INLINE const float* as_row(const float* from, float*, int64_t) { return from; }

template <class T>
INLINE const float* as_row(const T* from, float* buffer, int64_t length) {
  along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA { put(buffer + i, get(from + i, n), n); });
  return buffer;
}

// The last three rows asked for, as floats; rows outside of the picture are zero.
template <class T>
class RowWindow {
 public:
  RowWindow(const T* picture, const Extent& e)
      : picture_(picture), e_(e), zero_(e.row()), buffers_(sizeof(T) == 4 ? 0 : 3 * e.row()) {}

  INLINE const float* row(int64_t y) {
    if (y < 0 || y >= e_.h) return zero_.data();
    const int slot = y % 3;
    if (held_[slot] != y) {
      rows_[slot] = as_row(picture_ + y * e_.row(), buffers_.data() + slot * e_.row(), e_.row());
      held_[slot] = y;
    }
    return rows_[slot];
  }

 private:
  const T* picture_;
  const Extent& e_;
  std::vector<float> zero_, buffers_;
  int64_t held_[3] = {-1, -1, -1};
  const float* rows_[3];
};

// out = [1, 2, 1]⊗[1, 2, 1] / 16 over three rows, zeros left and right. Goes along in tiles, whose
// vertical sums (room for length + 2·c) stay in the nearest cache.
template <class T>
INLINE void blur_row(const float* above, const float* here, const float* below, float* sums,
                     T* out, int64_t length, int64_t c) {
  const int64_t tile = std::max<int64_t>(2048, 4 * c);
  for (int64_t begin = 0; begin < length; begin += tile) {
    const int64_t end = std::min(length, begin + tile);
    const int64_t from = std::max<int64_t>(0, begin - c), to = std::min(length, end + c);
    float* at = sums + c - begin;  // the sum of place i lies at at[i], for i from begin - c on
    if (begin == 0) std::fill(sums, sums + c, 0.0f);
    if (end == length) std::fill(at + length, at + length + c, 0.0f);
    along(to - from, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      i += from;
      put(at + i, get(above + i, n) + 2.0f * get(here + i, n) + get(below + i, n), n);
    });
    along(end - begin, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      i += begin;
      const Lanes sides = get(at + i - c, n) + get(at + i + c, n);
      put(out + i, (sides + 2.0f * get(at + i, n)) * 0.0625f, n);
    });
  }
}

// The rows that the epilogue starts from: those of a picture, blurred or not.
template <class T>
class Source {
 public:
  Source(const T* picture, const Extent& e, bool blur)
      : window_(picture, e), e_(e), blur_(blur), sums_(blur ? e.row() + 2 * e.c : 0),
        blurred_(blur ? e.row() : 0) {}

  INLINE const float* row(int64_t y) {
    const float* here = window_.row(y);
    if (!blur_) return here;
    blur_row(window_.row(y - 1), here, window_.row(y + 1), sums_.data(), blurred_.data(), e_.row(),
             e_.c);
    return blurred_.data();
  }

 private:
  RowWindow<T> window_;
  const Extent& e_;
  bool blur_;
  std::vector<float> sums_, blurred_;
};

}  // namespace stylegan
