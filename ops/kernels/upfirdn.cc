// Upsampling by zeros, padding, a FIR filter and downsampling, without storing the zeros: each
// output row is the sum of input rows times their taps.
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

int64_t ceil_div(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

// Adds row · tap to `sum` for every output pixel to which tap column `kx` contributes.
template <class T>
INLINE void add_row(const T* row, float tap, int64_t kx, const Filter& f, const Extent& in,
                    int64_t out_w, float* sum) {
  // Output pixel x takes position x·down + kx - left of the upsampled signal.
  const int64_t offset = kx - f.left, c = in.c;
  int64_t x = std::max<int64_t>(0, ceil_div(-offset, f.down));
  while (x < out_w && (x * f.down + offset) % f.up) ++x;
  const int64_t first = x * f.down + offset;
  if (x >= out_w || first / f.up >= in.w) return;
  if (f.up == 1 && f.down == 1) {
    const int64_t pixels = std::min(out_w - x, in.w - first);
    along(pixels * c, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      float* to = sum + x * c + i;
      put(to, get(to, n) + tap * get(row + first * c + i, n), n);
    });
    return;
  }
  int64_t step = 1;  // output pixels from one that takes a sample to the next
  while (step * f.down % f.up) ++step;
  for (; x < out_w && (x * f.down + offset) / f.up < in.w; x += step) {
    const T* from = row + (x * f.down + offset) / f.up * c;
    along(c, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      float* to = sum + x * c + i;
      put(to, get(to, n) + tap * get(from + i, n), n);
    });
  }
}

template <class T>
INLINE void filter_row(const T* image, const Filter& f, const Extent& in, int64_t out_w,
                       int64_t y, float* sum, T* out) {
  std::fill(sum, sum + out_w * in.c, 0.0f);
  for (int64_t ky = 0; ky < f.height; ++ky) {
    const int64_t place = y * f.down + ky - f.top;
    if (place < 0 || place % f.up || place / f.up >= in.h) continue;
    for (int64_t kx = 0; kx < f.width; ++kx)
      add_row(image + place / f.up * in.row(), f.tap(ky, kx), kx, f, in, out_w, sum);
  }
  along(out_w * in.c,
        [&](int64_t i, int64_t n) INLINE_LAMBDA { put(out + i, get(sum + i, n), n); });
}

#define FOR_TYPE(T)                                                                          \
  CLONES void run(const T* image, const Filter& f, const Extent& in, int64_t out_w,        \
                  int64_t y, float* sum, T* out) {                                           \
    filter_row(image, f, in, out_w, y, sum, out);                                          \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

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
      thread_local std::vector<float> sum;
      sum.resize(out.row());
      const int64_t n = task / out.h, row = task % out.h;
      run(x.data<T>() + n * in.image(), f, in, out.w, row, sum.data(), y + task * out.row());
    });
  }
};

const int registered =
    register_all<Upfirdn>("StyleganUpfirdn", {"x: T", "kernel: float"}, {"y: T"},
                          {"up: int", "down: int", "padding: list(int)"}, Result::kOther);

}  // namespace
}  // namespace stylegan
