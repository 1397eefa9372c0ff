// Windows of pictures: read as the points of Winograd's products, and written as their results.
#pragma once

#include "framework.h"
#include "squares.h"
#include "winograd.h"

namespace stylegan {

// Few pixels: the factors of the large forms would cost too much.
inline bool are_few(const Extent& e) { return e.n * e.h * e.w < 64 * 64; }

// The extent of the results; `resample` is 1 where every pixel is repeated twice each way before,
// -1 where 2×2 results are summed.
inline Extent resampled(const Extent& in, int resample, int64_t channels) {
  require(resample >= 0 || (in.h % 2 == 0 && in.w % 2 == 0), "height and width must be even");
  const int64_t up = resample > 0 ? 2 : 1, down = resample < 0 ? 2 : 1;
  return {in.n, in.h * up / down, in.w * up / down, channels};
}

// A picture that a convolution sees and one that it results in, cut into windows. Y is T, or const
// where the results are known, too.
template <class T, class Y = T>
struct Job {
  const T* x;
  Y* y;
  Extent in, out;
  int64_t down = 0, across = 0, windows = 0;  // of a picture; of all

  template <class F>
  void cut() {
    down = (in.h + F::kStep - 1) / F::kStep, across = (in.w + F::kStep - 1) / F::kStep;
    windows = in.n * down * across;
  }
};

// Numbers of each product, window and channel: [product][group of channels][window][channel].
struct Table {
  float* data;
  int64_t windows, group;  // channels a group: all of them, or those that a product takes at a time
  int64_t step;            // numbers from a product to the next: as between factors, a line more

  Table(float* data, int64_t windows, int64_t channels, int64_t group)
      : data(data), windows(windows), group(group), step(step_of(windows, channels)) {}
  static int64_t step_of(int64_t windows, int64_t channels) { return windows * channels + 16; }

  // The same from a window on.
  Table from(int64_t window) const {
    Table rest = *this;
    rest.data += window * group;
    return rest;
  }

  // Of the first product.
  INLINE float* at(int64_t window, int64_t c) const {
    return data + (c / group * windows + window) * group + c % group;
  }
};

// Which window, of those of all pictures.
struct Place {
  int64_t n, y, x;
  template <class J>
  Place(const J& job, int64_t window)
      : n(window / (job.down * job.across)), y(window / job.across % job.down),
        x(window % job.across) {}

  template <class F>
  Square<F::kWindow> window(int phase) const {
    return {y * F::kStep - 1 + phase / F::kPhases, x * F::kStep - 1 + phase % F::kPhases, 1};
  }
  template <class F>
  Square<F::kOut> results(int phase) const {
    constexpr int kSide = F::kOut * F::kPhases;
    return {y * kSide + phase / F::kPhases, x * kSide + phase % F::kPhases, F::kPhases};
  }
};

// The points of windows, from the first on.
template <class F, class J>
INLINE void read_windows(const J& job, int64_t first, int64_t count, int phase, const Table& to) {
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    read_square<F::kWindow, F::kPoints>(
        job.x + place.n * job.in.picture(), job.in, place.window<F>(phase),
        [&](int64_t c) INLINE_LAMBDA { return to.at(window, c); }, to.step,
        [](const Lanes* x, Lanes* p) INLINE_LAMBDA { F::window(x, p); });
  }
}

// What the products of windows add up to, turned round: from results to products.
template <class F, class J>
INLINE void read_results(const J& job, int64_t first, int64_t count, const Table& to) {
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    read_square<F::kOut, F::kPoints>(
        job.y + place.n * job.out.picture(), job.out, place.results<F>(0),
        [&](int64_t c) INLINE_LAMBDA { return to.at(window, c); }, to.step,
        [](const Lanes* y, Lanes* p) INLINE_LAMBDA { F::to_products(y, p); });
  }
}

// The results of windows, from the first on.
template <class F, class T>
INLINE void write_windows(const Job<T>& job, int64_t first, int64_t count, int phase,
                          const Table& from) {
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    write_square<F::kOut, F::kPoints>(
        job.y + place.n * job.out.picture(), job.out, place.results<F>(phase),
        [&](int64_t c) INLINE_LAMBDA { return from.at(window, c); }, from.step,
        [](const Lanes* p, Lanes* y) INLINE_LAMBDA { F::results(p, y); });
  }
}

}  // namespace stylegan
