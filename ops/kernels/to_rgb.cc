// RGB of feature maps: a 1×1 convolution to at most four channels, plus a bias. Blocks of as many
// pixels as a vector has elements are transposed, so that each element of a vector belongs to a
// pixel.
#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int kMaxOut = 4;

struct Weights {
  const float *w, *bias;  // [C, kOut], zeros up to whole vectors of C; [kOut]
  int64_t c;
};

template <int kOut, class T>
INLINE void to_rgb_row(const T* x, const Weights& weights, int64_t pixels, float* y) {
  along(pixels, [&](int64_t first, int64_t count) INLINE_LAMBDA {
    const T* from = x + first * weights.c;
    VecF32 sums[kOut];
    for (int d = 0; d < kOut; ++d) sums[d] = splat(weights.bias[d]);
    along(weights.c, [&](int64_t c, int64_t channels) INLINE_LAMBDA {
      VecF32 block[kLanes] = {};
      for (int64_t i = 0; i < count; ++i) block[i] = get(from + i * weights.c + c, channels);
      transpose(block);
      const float* w = weights.w + c * kOut;
      for (int i = 0; i < kLanes; ++i)
        for (int d = 0; d < kOut; ++d) sums[d] += w[i * kOut + d] * block[i];
    });
    for (int64_t i = 0; i < count; ++i)
      for (int d = 0; d < kOut; ++d) y[(first + i) * kOut + d] = sums[d][i];
  });
}

#define FOR_TYPE(T)                                                                            \
  CLONES void run(const T* x, const Weights& weights, int64_t d, int64_t pixels, float* y) {  \
    switch (d) {                                                                               \
      case 1: return to_rgb_row<1>(x, weights, pixels, y);                                         \
      case 2: return to_rgb_row<2>(x, weights, pixels, y);                                         \
      case 3: return to_rgb_row<3>(x, weights, pixels, y);                                         \
      case 4: return to_rgb_row<4>(x, weights, pixels, y);                                         \
    }                                                                                          \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

template <class T>
struct ToRgb {
  float scale;
  explicit ToRgb(Attributes& attributes) : scale(attributes.number("scale")) {}

  void compute(Context& context) const {
    const Tensor x = context.input(0), w = context.input(1), bias = context.input(2);
    const Shape& shape = x.shape();
    require(shape.size() == 4, "x must be [N, H, W, C]");
    const int64_t c = shape[3], d = bias.size();
    require(d >= 1 && d <= kMaxOut && w.size() == c * d,
            "w must be [1, 1, C, D], bias [D], D 1 to 4");
    const Extent e{shape[0], shape[1], shape[2], c};
    float* y = context.output<float>(0, {e.n, e.h, e.w, d});
    if (e.n * e.h * e.w == 0) return;
    std::vector<float> scaled(padded_to_lanes(c) * d);
    for (int64_t i = 0; i < c * d; ++i) scaled[i] = w.data<float>()[i] * scale;
    const Weights weights{scaled.data(), bias.data<float>(), c};
    const int64_t rows = rows_per_task(e), all = e.n * e.h;
    parallel((all + rows - 1) / rows, e.size(), [&](int64_t task) {
      const int64_t first = task * rows, count = std::min(rows, all - first);
      run(x.data<T>() + first * e.row(), weights, d, count * e.w, y + first * e.w * d);
    });
  }
};

const int registered =
    register_all<ToRgb>("StyleganToRgb", {"x: T", "w: float", "bias: float"}, {"y: float"},
                        {"scale: float"}, Result::kOther);

}  // namespace
}  // namespace stylegan
