#include "rows.h"

#include "pairs.h"

namespace stylegan {
namespace {

template <class From, class To>
INLINE void copy(const From* from, To* to, int64_t length) {
  along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA { put(to + i, get(from + i, n), n); });
}

}  // namespace

CLONES void to_floats(const bfloat16* from, float* to, int64_t length) {
  for (; length >= kPair; from += kPair, to += kPair, length -= kPair) {
    VecF32 first, second;
    load_pair(from, first, second);
    store(to, first), store(to + kLanes, second);
  }
  copy(from, to, length);
}

CLONES void from_floats(const float* from, bfloat16* to, int64_t length) {
  for (; length >= kPair; from += kPair, to += kPair, length -= kPair)
    store_pair(to, load(from), load(from + kLanes));
  copy(from, to, length);
}

CLONES void to_floats(const half* from, float* to, int64_t length) { copy(from, to, length); }
CLONES void from_floats(const float* from, half* to, int64_t length) { copy(from, to, length); }

// Works in tiles, so that the vertical sums stay in the first-level cache.
CLONES void blur_row(const float* above, const float* here, const float* below, float* sums,
                     float* out, int64_t length, int64_t c) {
  const int64_t tile = std::max<int64_t>(2048, 4 * c);
  for (int64_t begin = 0; begin < length; begin += tile) {
    const int64_t end = std::min(length, begin + tile);
    const int64_t from = std::max<int64_t>(0, begin - c), to = std::min(length, end + c);
    float* at = sums + c - begin;  // at[i] is the sum at i, for i from begin - c on
    if (begin == 0) std::fill(sums, sums + c, 0.0f);
    if (end == length) std::fill(at + length, at + length + c, 0.0f);
    along(to - from, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      i += from;
      put(at + i, get(above + i, n) + 2.0f * get(here + i, n) + get(below + i, n), n);
    });
    along(end - begin, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      i += begin;
      const VecF32 sides = get(at + i - c, n) + get(at + i + c, n);
      put(out + i, (sides + 2.0f * get(at + i, n)) * 0.0625f, n);
    });
  }
}

}  // namespace stylegan
