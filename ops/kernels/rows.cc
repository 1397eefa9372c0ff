#include "rows.h"

namespace stylegan {

#define FOR_TYPE(T)                                                                           \
  CLONES void to_floats(const T* from, float* to, int64_t length) {                           \
    along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA { put(to + i, get(from + i, n), n); }); \
  }                                                                                           \
  CLONES void from_floats(const float* from, T* to, int64_t length) {                         \
    along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA { put(to + i, get(from + i, n), n); }); \
  }
FOR_TYPE(bfloat16)
FOR_TYPE(half)

// In tiles, whose vertical sums stay in the nearest cache.
CLONES void blur_row(const float* above, const float* here, const float* below, float* sums,
                     float* out, int64_t length, int64_t c) {
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

}  // namespace stylegan
