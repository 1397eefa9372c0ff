// 3×3 convolutions by Winograd's method, and of pictures whose pixels are repeated twice each way.
// A task takes some windows through all three steps, so what is between stays in the cache.
#include "framework.h"
#include "pool.h"
#include "windows.h"

namespace stylegan {
namespace {

constexpr int64_t kFew = 64 * 64;  // pixels; for fewer the factors of the large forms cost too much

// Windows a task: a multiple of the rows that a product takes at a time.
int64_t windows_a_task(int64_t windows) { return windows < 256 ? 12 : 24; }

template <class F, class T>
INLINE void convolve_block(const Job<T>& job, int64_t first) {
  constexpr int kProducts = F::kPoints * F::kPoints;
  thread_local std::vector<float> points, products;
  const int64_t count = std::min(job.block, job.windows - first);
  const int64_t step = job.block * job.in.c + 16, out_step = job.block * job.out.c + 16;
  points.resize(kProducts * step), products.resize(kProducts * out_step);
  for (int phase = 0; phase < F::kPhases * F::kPhases; ++phase) {
    read_windows<F>(job, first, count, phase, points.data(), step);
    multiply(points.data(), step, job.factors, phase * kProducts, kProducts, count,
             products.data(), out_step);
    write_windows<F>(job, first, count, phase, products.data(), out_step);
  }
}

#define FOR_FORM(F, T)                                                   \
  CLONES void run(const Job<T>& job, int64_t first, F*) {                \
    convolve_block<F>(job, first);                                       \
  }
#define FOR_TYPE(T) \
  FOR_FORM(Two, T) FOR_FORM(Four, T) FOR_FORM(Doubled, T) FOR_FORM(DoubledFour, T)
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

template <class T>
struct Winograd {
  float scale;
  bool transposed, up;
  explicit Winograd(Attributes& attributes)
      : scale(attributes.number("scale")), transposed(attributes.flag("transposed")),
        up(attributes.flag("up")) {}

  void compute(Context& context) const {
    const Tensor x = context.input(0), w = context.input(1);
    const Shape& shape = x.shape();
    require(shape.size() == 4, "x must be [N, H, W, C]");
    require(w.shape().size() == 4 && w.shape()[0] == 3 && w.shape()[1] == 3, "w must be 3×3");
    const int64_t c = w.shape()[transposed ? 3 : 2], d = w.shape()[transposed ? 2 : 3];
    require(c == shape[3], "w must take the channels of x");
    require(c % kLanes == 0 && d % kPanel == 0, "these numbers of channels do not fill vectors");
    const int64_t factor = up ? 2 : 1;
    const Extent in{shape[0], shape[1], shape[2], c}, out{in.n, factor * in.h, factor * in.w, d};
    T* y = context.output<T>(0, {out.n, out.h, out.w, d});
    if (out.size() == 0) return;
    const Job<T> job{x.data<T>(), y, in, out, {nullptr, c, d}, 0, 0, 0, 0};
    const bool few = in.n * in.h * in.w < kFew;
    if (up) few ? convolve<Doubled>(context, job, w) : convolve<DoubledFour>(context, job, w);
    else few ? convolve<Two>(context, job, w) : convolve<Four>(context, job, w);
  }

  template <class F>
  void convolve(Context& context, Job<T> job, const Tensor& w) const {
    const Tensor memory = context.temporary({F::kProducts * job.factors.matrix()});
    job.factors.data = memory.data<float>();
    factors_of<F>(w.data<float>(), scale, transposed, job.factors);
    const Extent& in = job.in;
    job.down = (in.h + F::kStep - 1) / F::kStep, job.across = (in.w + F::kStep - 1) / F::kStep;
    job.windows = in.n * job.down * job.across;
    job.block = windows_a_task(job.windows);
    parallel((job.windows + job.block - 1) / job.block, job.out.size(), [&](int64_t task) {
      run(job, task * job.block, static_cast<F*>(nullptr));
    });
  }
};

const int registered = register_all<Winograd>(
    "StyleganWinograd", {"x: T", "w: float"}, {"y: T"},
    {"scale: float", "transposed: bool", "up: bool"}, Result::kOther);

}  // namespace
}  // namespace stylegan
