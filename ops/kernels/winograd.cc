// 3×3 convolutions by Winograd's method, alone or with resampling.
#include "framework.h"
#include "pool.h"
#include "scratch.h"
#include "windows.h"

namespace stylegan {
namespace {

#define FOR_FORM(F, T)                                                                           \
  CLONES void read(const Job<T>& job, int64_t first, int64_t count, int phase, const Table& to,  \
                   F*) {                                                                         \
    read_windows<F>(job, first, count, phase, to);                                               \
  }                                                                                              \
  CLONES void write(const Job<T>& job, int64_t first, int64_t count, int phase,                  \
                    const Table& from, F*) {                                                     \
    write_windows<F>(job, first, count, phase, from);                                            \
  }
#define FOR_TYPE(T)                                      \
  FOR_FORM(F2x3, T) FOR_FORM(F4x3, T) FOR_FORM(DownF1x3, T) \
  FOR_FORM(UpF2x3, T) FOR_FORM(UpF4x2, T)
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

// A task takes some windows through all three steps, so that intermediate values stay in the cache.
template <class F, class T>
void convolve_many(const Job<T>& job, const Factors& factors) {
  constexpr int64_t kBlock = 24;  // windows
  constexpr int kProducts = F::kPoints * F::kPoints;
  F* const form = nullptr;
  parallel((job.windows + kBlock - 1) / kBlock, job.out.size(), [&](int64_t task) {
    thread_local std::vector<float> points, products;
    const int64_t step = Table::step_of(kBlock, job.in.c);
    const int64_t out_step = Table::step_of(kBlock, job.out.c);
    points.resize(kProducts * step), products.resize(kProducts * out_step);
    const Table in(points.data(), kBlock, job.in.c, job.in.c);
    const Table out(products.data(), kBlock, job.out.c, job.out.c);
    const int64_t first = task * kBlock, count = std::min(kBlock, job.windows - first);
    for (int phase = 0; phase < F::kPhases * F::kPhases; ++phase) {
      read(job, first, count, phase, in, form);
      for (int product = 0; product < kProducts; ++product)
        multiply(in.data + product * step, count, factors, phase * kProducts + product, 0,
                 job.out.c, out.data + product * out_step);
      write(job, first, count, phase, out, form);
    }
  });
}

// With few windows most of the data are the factors, so each task reads a part of them once, for
// all windows.
template <class F, class T>
void convolve_few(const Job<T>& job, const Factors& factors) {
  constexpr int64_t kBlock = 16, kColumns = 128;
  constexpr int kProducts = F::kPoints * F::kPoints;  // the forms for few have one phase
  F* const form = nullptr;
  const int64_t step = Table::step_of(job.windows, job.in.c);
  const int64_t out_step = Table::step_of(job.windows, job.out.c);
  Scratch scratch(kProducts * (step + out_step));
  const Table in(scratch.take(kProducts * step), job.windows, job.in.c, job.in.c);
  const Table out(scratch.take(kProducts * out_step), job.windows, job.out.c, job.out.c);
  const int64_t blocks = (job.windows + kBlock - 1) / kBlock;
  const auto count = [&](int64_t block) { return std::min(kBlock, job.windows - block * kBlock); };
  parallel(blocks, kProducts * step, [&](int64_t block) {
    read(job, block * kBlock, count(block), 0, in.from(block * kBlock), form);
  });
  const int64_t parts = (job.out.c + kColumns - 1) / kColumns;
  parallel(kProducts * parts, kProducts * factors.matrix(), [&](int64_t task) {
    const int64_t product = task / parts, begin = task % parts * kColumns;
    multiply(in.data + product * step, job.windows, factors, product, begin,
             std::min(job.out.c, begin + kColumns), out.data + product * out_step);
  });
  parallel(blocks, job.out.size(), [&](int64_t block) {
    write(job, block * kBlock, count(block), 0, out.from(block * kBlock), form);
  });
}

template <class T>
struct Winograd {
  float scale;
  int resample;  // 1: upsample by 2 before; -1: sum 2×2 results after
  bool transposed;
  explicit Winograd(Attributes& attributes)
      : scale(attributes.number("scale")), resample(attributes.integer("resample")),
        transposed(attributes.flag("transposed")) {}

  void compute(Context& context) const {
    const Tensor x = context.input(0), w = context.input(1);
    const Shape& shape = x.shape();
    require(shape.size() == 4, "x must be [N, H, W, C]");
    require(w.shape().size() == 4 && w.shape()[0] == 3 && w.shape()[1] == 3, "w must be 3×3");
    const int64_t c = w.shape()[transposed ? 3 : 2], d = w.shape()[transposed ? 2 : 3];
    require(c == shape[3], "w must take the channels of x");
    require(c % kLanes == 0 && d % kPanel == 0, "these numbers of channels do not fill vectors");
    const Extent in{shape[0], shape[1], shape[2], c};
    const Extent out = resampled(in, resample, d);
    T* y = context.output<T>(0, {out.n, out.h, out.w, d});
    if (out.size() == 0) return;
    const Job<T> job{x.data<T>(), y, in, out};
    const bool few = are_few(in);
    if (resample < 0) convolve<DownF1x3>(job, w, few);
    else if (few) resample ? convolve<UpF2x3>(job, w, few) : convolve<F2x3>(job, w, few);
    else resample ? convolve<UpF4x2>(job, w, few) : convolve<F4x3>(job, w, few);
  }

  template <class F>
  void convolve(Job<T> job, const Tensor& w, bool few) const {
    job.template cut<F>();
    Factors factors{nullptr, job.in.c, job.out.c};
    const int64_t size = F::kProducts * factors.matrix();
    Scratch scratch(size);
    factors.data = scratch.take(size);
    factors_of<F>(w.data<float>(), scale, transposed, factors);
    few ? convolve_few<F>(job, factors) : convolve_many<F>(job, factors);
  }
};

const int registered = register_all<Winograd>(
    "StyleganWinograd", {"x: T", "w: float"}, {"y: T"},
    {"scale: float", "resample: int", "transposed: bool"}, Result::kOther);

}  // namespace
}  // namespace stylegan
