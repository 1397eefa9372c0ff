// The matrix products of a convolution by Winograd's method.
#include "winograd.h"

namespace stylegan {
namespace {

constexpr int kRows = 6;  // times a panel's two vectors: 12 sums, which fit into 16 registers

template <int rows>
INLINE void some_rows(const float* from, int64_t c, const float* panel, float* to, int64_t d) {
  VecF32 sums[rows][2] = {};
#pragma GCC unroll 8
  for (int64_t i = 0; i < c; ++i) {
    const VecF32 left = load(panel + i * kPanel), right = load(panel + i * kPanel + kLanes);
    for (int row = 0; row < rows; ++row) {
      const float value = from[row * c + i];
      sums[row][0] += value * left;
      sums[row][1] += value * right;
    }
  }
  for (int row = 0; row < rows; ++row) {
    store(to + row * d, sums[row][0]);
    store(to + row * d + kLanes, sums[row][1]);
  }
}

// Does `rows` rows at a time, then the rest with fewer at a time.
template <int rows>
INLINE void all_rows(const float* from, int64_t c, const float* panel, float* to, int64_t d,
                     int64_t count) {
  for (; count >= rows; count -= rows, from += rows * c, to += rows * d)
    some_rows<rows>(from, c, panel, to, d);
  if constexpr (rows > 1) all_rows<(rows + 1) / 2>(from, c, panel, to, d, count);
}

}  // namespace

CLONES void multiply(const float* from, int64_t rows, const Factors& factors, int64_t product,
                     int64_t begin, int64_t end, float* to) {
  for (int64_t column = begin; column < end; column += kPanel)
    all_rows<kRows>(from, factors.c, factors.panel(product, column), to + column, factors.d, rows);
}

}  // namespace stylegan
