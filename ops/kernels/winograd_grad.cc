// The gradient of Winograd's convolutions by their weights, by the transposes of all three steps:
// the transformed inputs times the gradients of the products, summed over all windows.
#include "framework.h"
#include "pool.h"
#include "scratch.h"
#include "windows.h"

namespace stylegan {
namespace {

constexpr int64_t kRound = 3 << 20;  // floats of points and products at a time
constexpr int64_t kPart = 2048;      // windows in a partial sum: long sums lose precision
constexpr int kRows = 4;             // channels with sums in registers at a time

// The sums: [product][C][D].
struct Sums {
  float* data;
  int64_t c, d;
  int64_t step() const { return c * d + 16; }
};

// Adds the part of some windows to the sums of kPanel channels: sum += points^T · products, or =
// for the first ones. `products` has panels of `all` windows.
INLINE void add_some(const float* points, const float* products, int64_t windows, int64_t all,
                     bool first, float* sum, int64_t d) {
  for (int64_t column = 0; column < d; column += kPanel) {
    const float* panel = products + column * all;
    for (int row = 0; row < kPanel; row += kRows) {
      VecF32 sums[kRows][2] = {};
#pragma GCC unroll 8
      for (int64_t window = 0; window < windows; ++window) {
        const float* pixel = panel + window * kPanel;
        const VecF32 left = load(pixel), right = load(pixel + kLanes);
        for (int i = 0; i < kRows; ++i) {
          const float value = points[window * kPanel + row + i];
          sums[i][0] += value * left;
          sums[i][1] += value * right;
        }
      }
      for (int i = 0; i < kRows; ++i) {
        float* to = sum + (row + i) * d + column;
        store(to, first ? sums[i][0] : load(to) + sums[i][0]);
        store(to + kLanes, first ? sums[i][1] : load(to + kLanes) + sums[i][1]);
      }
    }
  }
}

CLONES void add(const Table& points, const Table& products, int64_t windows, int product, int64_t c,
                bool first, const Sums& sums) {
  const float* from = points.data + product * points.step + c * windows;
  const float* with = products.data + product * products.step;
  float* sum = sums.data + product * sums.step() + c * sums.d;
  for (int64_t begin = 0; begin < windows; begin += kPart) {
    const int64_t count = std::min(kPart, windows - begin);
    add_some(from + begin * kPanel, with + begin * kPanel, count, windows, first && begin == 0, sum,
             sums.d);
  }
}

// Computes dw [3, 3, C, D] for one input channel.
template <class F>
INLINE void weights_of(const Sums& sums, int64_t c, float scale, float* dw) {
  for (int64_t d = 0; d < sums.d; d += kLanes) {
    const float* from = sums.data + c * sums.d + d;
    both_ways<F::kPoints, kTaps>(
        [&](int i, int j) INLINE_LAMBDA {
          return load(from + (i * F::kPoints + j) * sums.step());
        },
        [&](int i, int j, VecF32 tap) INLINE_LAMBDA {
          store(dw + ((i * kTaps + j) * sums.c + c) * sums.d + d, tap * scale);
        },
        [](const VecF32* p, VecF32* w) INLINE_LAMBDA { F::taps_transposed(p, w); });
  }
}

#define FOR_FORM(F, T)                                                                          \
  CLONES void read(const Job<T, const T>& job, int64_t first, int64_t count,                    \
                   const Table& points, const Table& products, F*) {                            \
    read_windows<F>(job, first, count, 0, points);                                              \
    read_results<F>(job, first, count, products);                                               \
  }
#define FOR_TYPE(T) FOR_FORM(F2x3, T) FOR_FORM(F4x3, T) FOR_FORM(UpF2x3, T) FOR_FORM(DownF1x3, T)
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

#define FOR_WEIGHTS(F)                                                                \
  CLONES void weights(const Sums& sums, int64_t c, float scale, float* dw, F*) {      \
    weights_of<F>(sums, c, scale, dw);                                                \
  }
FOR_WEIGHTS(F2x3)
FOR_WEIGHTS(F4x3)
FOR_WEIGHTS(UpF2x3)
FOR_WEIGHTS(DownF1x3)

template <class F, class T>
void gradient(Job<T, const T> job, float scale, float* dw) {
  constexpr int kProducts = F::kProducts;
  constexpr int64_t kBlock = 16;
  F* const form = nullptr;
  job.template cut<F>();
  const int64_t c = job.in.c, d = job.out.c;
  const int64_t fitting = std::max<int64_t>(64, kRound / (kProducts * (c + d)) / kBlock * kBlock);
  const int64_t round = std::min(fitting, job.windows);
  Sums sums{nullptr, c, d};
  const int64_t points_size = kProducts * Table::step_of(round, c);
  const int64_t products_size = kProducts * Table::step_of(round, d);
  Scratch scratch(kProducts * sums.step() + points_size + products_size);
  sums.data = scratch.take(kProducts * sums.step());
  float* const points_data = scratch.take(points_size);
  float* const products_data = scratch.take(products_size);
  for (int64_t first = 0; first < job.windows; first += round) {
    const int64_t count = std::min(round, job.windows - first);
    const Table points(points_data, count, c, kPanel);
    const Table products(products_data, count, d, kPanel);
    parallel((count + kBlock - 1) / kBlock, kProducts * count * (c + d), [&](int64_t block) {
      const int64_t begin = block * kBlock;
      read(job, first + begin, std::min(kBlock, count - begin), points.from(begin),
           products.from(begin), form);
    });
    parallel(kProducts * (c / kPanel), kProducts * c * d, [&](int64_t task) {
      add(points, products, count, int(task % kProducts), task / kProducts * kPanel, first == 0,
          sums);
    });
  }
  parallel(c, kProducts * c * d, [&](int64_t task) { weights(sums, task, scale, dw, form); });
}

template <class T>
struct WinogradGrad {
  float scale;
  int resample;
  explicit WinogradGrad(Attributes& attributes)
      : scale(attributes.number("scale")), resample(attributes.integer("resample")) {}

  void compute(Context& context) const {
    const Tensor x = context.input(0), dy = context.input(1);
    const Shape &from = x.shape(), &to = dy.shape();
    require(from.size() == 4 && to.size() == 4, "x and dy must be [N, H, W, channels]");
    require(from[3] % kPanel == 0 && to[3] % kPanel == 0, "these channels do not fill vectors");
    const Extent in{from[0], from[1], from[2], from[3]}, out = resampled(in, resample, to[3]);
    require(to == Shape({out.n, out.h, out.w, out.c}), "dy must have the shape of the results");
    float* dw = context.output<float>(0, {kTaps, kTaps, in.c, out.c});
    if (in.size() == 0) {
      std::fill(dw, dw + kTaps * kTaps * in.c * out.c, 0.0f);
      return;
    }
    const Job<T, const T> job{x.data<T>(), dy.data<T>(), in, out};
    if (resample > 0) gradient<UpF2x3>(job, scale, dw);
    else if (resample < 0) gradient<DownF1x3>(job, scale, dw);
    else are_few(in) ? gradient<F2x3>(job, scale, dw) : gradient<F4x3>(job, scale, dw);
  }
};

const int registered =
    register_all<WinogradGrad>("StyleganWinogradGrad", {"x: T", "dy: T"}, {"dw: float"},
                               {"scale: float", "resample: int"}, Result::kOther);

}  // namespace
}  // namespace stylegan
