// Convolutions with 3 taps along an axis by fewer products than a tap and an output each:
// y = A·((G·w) ⊙ (B·x)) (Winograd 1980; Lavin and Gray 2015, section 3). Both axes of a picture are
// done one after the other, and a product of two numbers becomes one of matrices over the channels.
#pragma once

#include "lanes.h"

namespace stylegan {

// Windows of `kWindow` samples lie `kStep` apart, the first begins one before the row. Each gives
// `kOut` results by `kPoints` products; a form of two phases does so twice, for the even results
// and then, its windows one further, for the odd ones. `taps`, `window` and `results` are G, B and
// A; `to_products` and `to_taps` the transposes of A and G, for the gradient by the weights.
template <int step, int window, int points, int out, int phases = 1>
struct Form {
  static constexpr int kStep = step, kWindow = window, kPoints = points, kOut = out,
                       kPhases = phases, kProducts = phases * phases * points * points;
};

// F(2, 3): 4 products for 2 results.
struct Two : Form<2, 4, 4, 2> {
  static INLINE void taps(const Lanes* w, int, Lanes* p) {
    const Lanes sum = (w[0] + w[2]) * 0.5f, middle = w[1] * 0.5f;
    p[0] = w[0], p[1] = sum + middle, p[2] = sum - middle, p[3] = w[2];
  }
  static INLINE void window(const Lanes* x, Lanes* p) {
    p[0] = x[0] - x[2], p[1] = x[1] + x[2], p[2] = x[2] - x[1], p[3] = x[3] - x[1];
  }
  static INLINE void results(const Lanes* p, Lanes* y) {
    y[0] = p[0] + p[1] + p[2], y[1] = p[1] - p[2] + p[3];
  }
  static INLINE void to_products(const Lanes* y, Lanes* p) {
    p[0] = y[0], p[1] = y[0] + y[1], p[2] = y[0] - y[1], p[3] = y[1];
  }
  static INLINE void to_taps(const Lanes* p, Lanes* w) {
    const Lanes ends = (p[1] + p[2]) * 0.5f;
    w[0] = p[0] + ends, w[1] = (p[1] - p[2]) * 0.5f, w[2] = ends + p[3];
  }
};

// F(4, 3) at 0, ±1, ±2 and infinity: 6 products for 4 results.
struct Four : Form<4, 6, 6, 4> {
  static INLINE void taps(const Lanes* w, int, Lanes* p) {
    const Lanes ends = (w[0] + w[2]) * (-1 / 6.0f), middle = w[1] * (1 / 6.0f);
    const Lanes far = w[0] * (1 / 24.0f) + w[2] * (1 / 6.0f), half = w[1] * (1 / 12.0f);
    p[0] = w[0] * 0.25f, p[1] = ends - middle, p[2] = ends + middle;
    p[3] = far + half, p[4] = far - half, p[5] = w[2];
  }
  static INLINE void window(const Lanes* x, Lanes* p) {
    const Lanes a = x[4] - 4.0f * x[2], b = x[3] - 4.0f * x[1];
    const Lanes c = x[4] - x[2], d = 2.0f * (x[3] - x[1]);
    p[0] = 4.0f * x[0] - 5.0f * x[2] + x[4], p[1] = a + b, p[2] = a - b;
    p[3] = c + d, p[4] = c - d, p[5] = 4.0f * x[1] - 5.0f * x[3] + x[5];
  }
  static INLINE void results(const Lanes* p, Lanes* y) {
    const Lanes a = p[1] + p[2], b = p[1] - p[2], c = p[3] + p[4], d = p[3] - p[4];
    y[0] = p[0] + a + c, y[1] = b + 2.0f * d, y[2] = a + 4.0f * c, y[3] = b + 8.0f * d + p[5];
  }
  static INLINE void to_products(const Lanes* y, Lanes* p) {
    const Lanes a = y[0] + y[2], b = y[1] + y[3];
    const Lanes c = y[0] + 4.0f * y[2], d = 2.0f * y[1] + 8.0f * y[3];
    p[0] = y[0], p[1] = a + b, p[2] = a - b, p[3] = c + d, p[4] = c - d, p[5] = y[3];
  }
  static INLINE void to_taps(const Lanes* p, Lanes* w) {
    const Lanes near = (p[1] + p[2]) * (1 / 6.0f), far = p[3] + p[4];
    w[0] = p[0] * 0.25f - near + far * (1 / 24.0f);
    w[1] = (p[2] - p[1]) * (1 / 6.0f) + (p[3] - p[4]) * (1 / 12.0f);
    w[2] = far * (1 / 6.0f) - near + p[5];
  }
};

// Every sample is seen twice. With s the sum of the taps, 3 products for 2 results:
// even = w0·(x₋ − x) + s·x, odd = s·x + w2·(x₊ − x).
struct Doubled : Form<1, 3, 3, 2> {
  static INLINE void taps(const Lanes* w, int, Lanes* p) {
    p[0] = w[0], p[1] = w[0] + w[1] + w[2], p[2] = w[2];
  }
  static INLINE void window(const Lanes* x, Lanes* p) {
    p[0] = x[0] - x[1], p[1] = x[1], p[2] = x[2] - x[1];
  }
  static INLINE void results(const Lanes* p, Lanes* y) { y[0] = p[0] + p[1], y[1] = p[1] + p[2]; }
  static INLINE void to_products(const Lanes* y, Lanes* p) {
    p[0] = y[0], p[1] = y[0] + y[1], p[2] = y[1];
  }
  static INLINE void to_taps(const Lanes* p, Lanes* w) {
    w[0] = p[0] + p[1], w[1] = p[1], w[2] = p[1] + p[2];
  }
};

// The same as two convolutions with 2 taps, (w0, w1 + w2) and (w0 + w1, w2), each by F(4, 2) at 0,
// ±1, 2 and infinity: 10 products for 8 results.
struct DoubledFour : Form<4, 5, 5, 4, 2> {
  static INLINE void taps(const Lanes* w, int phase, Lanes* p) {
    const Lanes a = phase ? w[0] + w[1] : w[0], b = phase ? w[2] : w[1] + w[2];
    p[0] = a * 0.5f, p[1] = (a + b) * -0.5f, p[2] = (b - a) * (1 / 6.0f);
    p[3] = (a + 2.0f * b) * (1 / 6.0f), p[4] = b;
  }
  static INLINE void window(const Lanes* x, Lanes* p) {
    const Lanes a = x[3] - x[2], b = x[3] - x[1];
    p[0] = 2.0f * (x[0] - x[2]) + b, p[1] = a - 2.0f * x[1], p[2] = a + 2.0f * (x[1] - x[2]);
    p[3] = b, p[4] = 2.0f * (x[1] - x[3]) + x[4] - x[2];
  }
  static INLINE void results(const Lanes* p, Lanes* y) {
    const Lanes a = p[1] + p[2], b = p[1] - p[2];
    y[0] = p[0] + a + p[3], y[1] = b + 2.0f * p[3];
    y[2] = a + 4.0f * p[3], y[3] = b + 8.0f * p[3] + p[4];
  }
};

// Sums of two neighbouring results: products with sums of two samples.
struct Halved : Form<2, 4, 3, 1> {
  static INLINE void taps(const Lanes* w, int, Lanes* p) {
    p[0] = w[0], p[1] = w[1], p[2] = w[2];
  }
  static INLINE void window(const Lanes* x, Lanes* p) {
    p[0] = x[0] + x[1], p[1] = x[1] + x[2], p[2] = x[2] + x[3];
  }
  static INLINE void results(const Lanes* p, Lanes* y) { y[0] = p[0] + p[1] + p[2]; }
  static INLINE void to_products(const Lanes* y, Lanes* p) { p[0] = p[1] = p[2] = y[0]; }
  static INLINE void to_taps(const Lanes* p, Lanes* w) { w[0] = p[0], w[1] = p[1], w[2] = p[2]; }
};

constexpr int kTaps = 3;             // each way
constexpr int kPanel = 2 * kLanes;  // columns of a matrix that lie together

// The matrices that the products are with, one for each product: [D / kPanel][C][kPanel].
struct Factors {
  float* data;
  int64_t c, d;
  // A line more than the numbers take: powers of two apart, they would share a place in the cache.
  int64_t matrix() const { return c * d + 16; }
  float* panel(int64_t product, int64_t column) const {
    return data + product * matrix() + column / kPanel * kPanel * c;
  }
};

// factors = those of scale·w, w [3, 3, C, D]; transposed: w [3, 3, D, C], turned round.
template <class F>
void factors_of(const float* w, float scale, bool transposed, const Factors& factors);

// Columns of to [rows, D] = from [rows, C] · a factor.
void multiply(const float* from, int64_t rows, const Factors& factors, int64_t product,
              int64_t begin, int64_t end, float* to);

}  // namespace stylegan
