// Winograd's convolutions with 3 taps along an axis, which take fewer multiplications than a direct
// one: y = A·((G·w) ⊙ (B·x)) (Winograd 1980; Lavin and Gray 2015, section 3). The transforms are
// applied along both axes of an image; each product becomes a matrix product over the channels.
#pragma once

#include "vec.h"

namespace stylegan {

// A form of the method. Windows of `kWindow` samples lie `kStep` apart; the first one begins a
// sample before the row. Each gives `kOut` results by `kPoints` products. A form with two phases
// does so for the even results, then for the odd ones, whose windows begin a sample later. `taps`,
// `window` and `results` are G, B and A; `results_transposed` and `taps_transposed` are the
// transposes of A and G, for the gradient by the weights.
template <int step, int window, int points, int out, int phases = 1>
struct Form {
  static constexpr int kStep = step, kWindow = window, kPoints = points, kOut = out,
                       kPhases = phases, kProducts = phases * phases * points * points;
};

// F(2, 3): 4 products for 2 results of 3 taps.
struct F2x3 : Form<2, 4, 4, 2> {
  static INLINE void taps(const VecF32* w, int, VecF32* p) {
    const VecF32 sum = (w[0] + w[2]) * 0.5f, middle = w[1] * 0.5f;
    p[0] = w[0], p[1] = sum + middle, p[2] = sum - middle, p[3] = w[2];
  }
  static INLINE void window(const VecF32* x, VecF32* p) {
    p[0] = x[0] - x[2], p[1] = x[1] + x[2], p[2] = x[2] - x[1], p[3] = x[3] - x[1];
  }
  static INLINE void results(const VecF32* p, VecF32* y) {
    y[0] = p[0] + p[1] + p[2], y[1] = p[1] - p[2] + p[3];
  }
  static INLINE void results_transposed(const VecF32* y, VecF32* p) {
    p[0] = y[0], p[1] = y[0] + y[1], p[2] = y[0] - y[1], p[3] = y[1];
  }
  static INLINE void taps_transposed(const VecF32* p, VecF32* w) {
    const VecF32 ends = (p[1] + p[2]) * 0.5f;
    w[0] = p[0] + ends, w[1] = (p[1] - p[2]) * 0.5f, w[2] = ends + p[3];
  }
};

// F(4, 3) at the points 0, ±1, ±2 and infinity: 6 products for 4 results of 3 taps.
struct F4x3 : Form<4, 6, 6, 4> {
  static INLINE void taps(const VecF32* w, int, VecF32* p) {
    const VecF32 ends = (w[0] + w[2]) * (-1 / 6.0f), middle = w[1] * (1 / 6.0f);
    const VecF32 far = w[0] * (1 / 24.0f) + w[2] * (1 / 6.0f), half = w[1] * (1 / 12.0f);
    p[0] = w[0] * 0.25f, p[1] = ends - middle, p[2] = ends + middle;
    p[3] = far + half, p[4] = far - half, p[5] = w[2];
  }
  static INLINE void window(const VecF32* x, VecF32* p) {
    const VecF32 a = x[4] - 4.0f * x[2], b = x[3] - 4.0f * x[1];
    const VecF32 c = x[4] - x[2], d = 2.0f * (x[3] - x[1]);
    p[0] = 4.0f * x[0] - 5.0f * x[2] + x[4], p[1] = a + b, p[2] = a - b;
    p[3] = c + d, p[4] = c - d, p[5] = 4.0f * x[1] - 5.0f * x[3] + x[5];
  }
  static INLINE void results(const VecF32* p, VecF32* y) {
    const VecF32 a = p[1] + p[2], b = p[1] - p[2], c = p[3] + p[4], d = p[3] - p[4];
    y[0] = p[0] + a + c, y[1] = b + 2.0f * d, y[2] = a + 4.0f * c, y[3] = b + 8.0f * d + p[5];
  }
  static INLINE void results_transposed(const VecF32* y, VecF32* p) {
    const VecF32 a = y[0] + y[2], b = y[1] + y[3];
    const VecF32 c = y[0] + 4.0f * y[2], d = 2.0f * y[1] + 8.0f * y[3];
    p[0] = y[0], p[1] = a + b, p[2] = a - b, p[3] = c + d, p[4] = c - d, p[5] = y[3];
  }
  static INLINE void taps_transposed(const VecF32* p, VecF32* w) {
    const VecF32 near = (p[1] + p[2]) * (1 / 6.0f), far = p[3] + p[4];
    w[0] = p[0] * 0.25f - near + far * (1 / 24.0f);
    w[1] = (p[2] - p[1]) * (1 / 6.0f) + (p[3] - p[4]) * (1 / 12.0f);
    w[2] = far * (1 / 6.0f) - near + p[5];
  }
};

// 2 results after an upsampling that repeats each sample, by 3 products. With s the sum of the
// taps: even = w0·(x₋ − x) + s·x, odd = s·x + w2·(x₊ − x).
struct UpF2x3 : Form<1, 3, 3, 2> {
  static INLINE void taps(const VecF32* w, int, VecF32* p) {
    p[0] = w[0], p[1] = w[0] + w[1] + w[2], p[2] = w[2];
  }
  static INLINE void window(const VecF32* x, VecF32* p) {
    p[0] = x[0] - x[1], p[1] = x[1], p[2] = x[2] - x[1];
  }
  static INLINE void results(const VecF32* p, VecF32* y) { y[0] = p[0] + p[1], y[1] = p[1] + p[2]; }
  static INLINE void results_transposed(const VecF32* y, VecF32* p) {
    p[0] = y[0], p[1] = y[0] + y[1], p[2] = y[1];
  }
  static INLINE void taps_transposed(const VecF32* p, VecF32* w) {
    w[0] = p[0] + p[1], w[1] = p[1], w[2] = p[1] + p[2];
  }
};

// 8 results after the same upsampling by 10 products: the even and the odd ones are convolutions
// with 2 taps, (w0, w1 + w2) and (w0 + w1, w2), each by F(4, 2) at the points 0, ±1, 2 and
// infinity.
struct UpF4x2 : Form<4, 5, 5, 4, 2> {
  static INLINE void taps(const VecF32* w, int phase, VecF32* p) {
    const VecF32 a = phase ? w[0] + w[1] : w[0], b = phase ? w[2] : w[1] + w[2];
    p[0] = a * 0.5f, p[1] = (a + b) * -0.5f, p[2] = (b - a) * (1 / 6.0f);
    p[3] = (a + 2.0f * b) * (1 / 6.0f), p[4] = b;
  }
  static INLINE void window(const VecF32* x, VecF32* p) {
    const VecF32 a = x[3] - x[2], b = x[3] - x[1];
    p[0] = 2.0f * (x[0] - x[2]) + b, p[1] = a - 2.0f * x[1], p[2] = a + 2.0f * (x[1] - x[2]);
    p[3] = b, p[4] = 2.0f * (x[1] - x[3]) + x[4] - x[2];
  }
  static INLINE void results(const VecF32* p, VecF32* y) {
    const VecF32 a = p[1] + p[2], b = p[1] - p[2];
    y[0] = p[0] + a + p[3], y[1] = b + 2.0f * p[3];
    y[2] = a + 4.0f * p[3], y[3] = b + 8.0f * p[3] + p[4];
  }
};

// The sum of two neighbouring results: 3 products with sums of two samples.
struct DownF1x3 : Form<2, 4, 3, 1> {
  static INLINE void taps(const VecF32* w, int, VecF32* p) {
    p[0] = w[0], p[1] = w[1], p[2] = w[2];
  }
  static INLINE void window(const VecF32* x, VecF32* p) {
    p[0] = x[0] + x[1], p[1] = x[1] + x[2], p[2] = x[2] + x[3];
  }
  static INLINE void results(const VecF32* p, VecF32* y) { y[0] = p[0] + p[1] + p[2]; }
  static INLINE void results_transposed(const VecF32* y, VecF32* p) { p[0] = p[1] = p[2] = y[0]; }
  static INLINE void taps_transposed(const VecF32* p, VecF32* w) {
    w[0] = p[0], w[1] = p[1], w[2] = p[2];
  }
};

constexpr int kTaps = 3;            // along each axis
constexpr int kPanel = 2 * kLanes;  // columns of a matrix that are stored together

// The transformed weights, a matrix [D / kPanel][C][kPanel] for each product.
struct Factors {
  float* data;
  int64_t c, d;
  // Padded by a cache line: matrices that lie a power of two apart would compete for the same cache
  // sets.
  int64_t matrix() const { return c * d + 16; }
  float* panel(int64_t product, int64_t column) const {
    return data + product * matrix() + column / kPanel * kPanel * c;
  }
};

// Transforms scale·w, w [3, 3, C, D]. With `transposed`, w is [3, 3, D, C]; it is rotated by 180°
// and its channels are transposed.
template <class F>
void factors_of(const float* w, float scale, bool transposed, const Factors& factors);

// Computes columns [begin, end) of to [rows, D] = from [rows, C] · the matrix of a product.
void multiply(const float* from, int64_t rows, const Factors& factors, int64_t product,
              int64_t begin, int64_t end, float* to);

}  // namespace stylegan
