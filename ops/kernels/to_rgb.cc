// Colours of feature maps: a 1×1 convolution to at most four channels, plus a bias. Of as many
// pixels as a vector has lanes the channels are turned, so that each lane is a pixel.
#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int kMost = 4;

struct Colours {
  const float *w, *bias;  // [C, kColours], C filled up with zeros to whole vectors; [kColours]
  int64_t c;
};

template <int kColours, class T>
INLINE void colour(const T* x, const Colours& colours, int64_t pixels, float* y) {
  along(pixels, [&](int64_t first, int64_t count) INLINE_LAMBDA {
    const T* from = x + first * colours.c;
    Lanes sums[kColours];
    for (int d = 0; d < kColours; ++d) sums[d] = splat(colours.bias[d]);
    along(colours.c, [&](int64_t c, int64_t channels) INLINE_LAMBDA {
      Lanes block[kLanes] = {};
      for (int64_t i = 0; i < count; ++i) block[i] = get(from + i * colours.c + c, channels);
      swap_rows_and_columns(block);
      const float* w = colours.w + c * kColours;
      for (int i = 0; i < kLanes; ++i)
        for (int d = 0; d < kColours; ++d) sums[d] += w[i * kColours + d] * block[i];
    });
    for (int64_t i = 0; i < count; ++i)
      for (int d = 0; d < kColours; ++d) y[(first + i) * kColours + d] = sums[d][i];
  });
}

#define FOR_TYPE(T)                                                                            \
  CLONES void run(const T* x, const Colours& colours, int64_t d, int64_t pixels, float* y) {  \
    switch (d) {                                                                               \
      case 1: return colour<1>(x, colours, pixels, y);                                         \
      case 2: return colour<2>(x, colours, pixels, y);                                         \
      case 3: return colour<3>(x, colours, pixels, y);                                         \
      case 4: return colour<4>(x, colours, pixels, y);                                         \
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
    require(d >= 1 && d <= kMost && w.size() == c * d, "w must be [1, 1, C, D], bias [D], D 1 to 4");
    const Extent e{shape[0], shape[1], shape[2], c};
    float* y = context.output<float>(0, {e.n, e.h, e.w, d});
    if (e.n * e.h * e.w == 0) return;
    std::vector<float> scaled(whole_lanes(c) * d);
    for (int64_t i = 0; i < c * d; ++i) scaled[i] = w.data<float>()[i] * scale;
    const Colours colours{scaled.data(), bias.data<float>(), c};
    const int64_t rows = rows_a_task(e), all = e.n * e.h;
    parallel((all + rows - 1) / rows, e.size(), [&](int64_t task) {
      const int64_t first = task * rows, count = std::min(rows, all - first);
      run(x.data<T>() + first * e.row(), colours, d, count * e.w, y + first * e.w * d);
    });
  }
};

const int registered =
    register_all<ToRgb>("StyleganToRgb", {"x: T", "w: float", "bias: float"}, {"y: float"},
                        {"scale: float"}, Result::kOther);

}  // namespace
}  // namespace stylegan
