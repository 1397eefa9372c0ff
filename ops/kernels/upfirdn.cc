// Upsampling by zeros, padding, a FIR filter and downsampling, without storing the zeros: each
// output pixel is the sum of the input pixels under its taps.
#include <numeric>

#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

struct Filter {
  const float* kernel;
  int64_t height, width, up, down, top, left;
  // The tap for a sample of the upsampled signal: a convolution rotates the kernel by 180°.
  float tap(int64_t ky, int64_t kx) const {
    return kernel[(height - 1 - ky) * width + width - 1 - kx];
  }
};

// The pixels of the input that make one output pixel, and their weights.
template <class T>
struct Taps {
  std::vector<const T*> from;
  std::vector<float> weights;
  int64_t last = 0;   // column of the rightmost of them
  bool whole = true;  // no tap is beside the image
};

template <class T>
void collect(const T* image, const Filter& f, const Extent& in, int64_t x, int64_t y,
             Taps<T>* taps) {
  taps->from.clear();
  taps->weights.clear();
  taps->whole = true;
  for (int64_t ky = 0; ky < f.height; ++ky) {
    const int64_t below = y * f.down + ky - f.top;  // in the upsampled signal
    if (below < 0 || below % f.up || below / f.up >= in.h) continue;
    for (int64_t kx = 0; kx < f.width; ++kx) {
      const int64_t beside = x * f.down + kx - f.left;
      if (beside % f.up) continue;
      const int64_t column = beside / f.up;
      if (column < 0 || column >= in.w) {
        taps->whole = false;
        continue;
      }
      taps->from.push_back(image + below / f.up * in.row() + column * in.c);
      taps->weights.push_back(f.tap(ky, kx));
      taps->last = column;
    }
  }
}

constexpr int kBlock = 4;  // vectors that share the loads of a tap's address and weight

// The last of the vectors has `count` elements.
template <class T, int vectors>
INLINE void combine_block(const Taps<T>& taps, int64_t from, int64_t count, T* out) {
  VecF32 sums[vectors] = {};
  for (size_t t = 0; t < taps.from.size(); ++t) {
    const T* pixel = taps.from[t] + from;
    const VecF32 weight = splat(taps.weights[t]);
    for (int v = 0; v < vectors; ++v) {
      const int64_t n = v + 1 < vectors ? kLanes : count;
      sums[v] += weight * get(pixel + v * kLanes, n);
    }
  }
  for (int v = 0; v < vectors; ++v)
    put(out + v * kLanes, sums[v], v + 1 < vectors ? kLanes : count);
}

// out[i] = Σ weight · pixel[from + i]
template <class T>
INLINE void combine(const Taps<T>& taps, int64_t from, int64_t length, T* out) {
  int64_t i = 0;
  for (; i + kBlock * kLanes <= length; i += kBlock * kLanes)
    combine_block<T, kBlock>(taps, from + i, kLanes, out + i);
  along(length - i, [&](int64_t at, int64_t n) INLINE_LAMBDA {
    combine_block<T, 1>(taps, from + i + at, n, out + i + at);
  });
}

// Outputs with the same weights: `count` of them, each `length` elements, so many elements apart.
struct Run {
  int64_t count, length, from_step, out_step;
};

#define FOR_TYPE(T)                                                        \
  CLONES void run(const Taps<T>& taps, const Run& r, T* out) {             \
    for (int64_t i = 0; i < r.count; ++i)                                  \
      combine(taps, i * r.from_step, r.length, out + i * r.out_step);      \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

template <class T>
void filter_row(const T* image, const Filter& f, const Extent& in, int64_t out_w, int64_t y,
                Taps<T>* taps, T* out) {
  // Every `step`-th output has the same weights, and pixels that are `advance` apart.
  const int64_t step = f.up / std::gcd(f.up, f.down), advance = step * f.down / f.up;
  for (int64_t phase = 0; phase < step; ++phase) {
    for (int64_t x = phase; x < out_w;) {
      collect(image, f, in, x, y, taps);
      int64_t count = 1;
      if (taps->whole && !taps->from.empty())
        count += std::min((in.w - 1 - taps->last) / advance, (out_w - 1 - x) / step);
      Run r{count, in.c, advance * in.c, step * in.c};
      if (step == 1 && advance == 1) r = {1, count * in.c, 0, 0};  // they lie side by side
      run(*taps, r, out + x * in.c);
      x += count * step;
    }
  }
}

template <class T>
struct Upfirdn {
  int64_t up, down;
  std::vector<int32_t> padding;  // top, bottom, left, right
  explicit Upfirdn(Attributes& attributes)
      : up(attributes.integer("up")), down(attributes.integer("down")),
        padding(attributes.integers("padding", 4)) {}

  void compute(Context& context) const {
    const Tensor x = context.input(0), kernel = context.input(1);
    require(x.shape().size() == 4, "x must be [N, H, W, C]");
    require(kernel.shape().size() == 2 && kernel.size() > 0, "kernel must be [kh, kw]");
    require(up > 0 && down > 0, "up and down must be at least 1");
    const Extent in{x.shape()[0], x.shape()[1], x.shape()[2], x.shape()[3]};
    const Filter f{kernel.data<float>(), kernel.shape()[0], kernel.shape()[1], up, down,
                   padding[0], padding[2]};
    const int64_t height = in.h * up + padding[0] + padding[1] - f.height;
    const int64_t width = in.w * up + padding[2] + padding[3] - f.width;
    require(height >= 0 && width >= 0, "the padded signal is smaller than the kernel");
    const Extent out{in.n, height / down + 1, width / down + 1, in.c};
    T* y = context.output<T>(0, {out.n, out.h, out.w, out.c});
    if (out.size() == 0) return;
    parallel(out.n * out.h, out.size(), [&](int64_t task) {
      thread_local Taps<T> taps;
      const int64_t n = task / out.h, row = task % out.h;
      filter_row(x.data<T>() + n * in.image(), f, in, out.w, row, &taps, y + task * out.row());
    });
  }
};

const int registered =
    register_all<Upfirdn>("StyleganUpfirdn", {"x: T", "kernel: float"}, {"y: T"},
                          {"up: int", "down: int", "padding: list(int)"}, Result::kOther);

}  // namespace
}  // namespace stylegan
