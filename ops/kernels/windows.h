// Windows (input tiles) of images: reads them as the transformed inputs of Winograd's products, and
// writes the results of the products.
#pragma once

#include "framework.h"
#include "squares.h"
#include "winograd.h"

namespace stylegan {

// Whether there are so few pixels that transforming the weights for the large forms costs too much.
inline bool are_few(const Extent& e) { return e.n * e.h * e.w < 64 * 64; }

// The extent of the results. `resample` is 1 for an upsampling by 2 before the convolution, -1 for
// a sum of 2×2 results after it.
inline Extent resampled(const Extent& in, int resample, int64_t channels) {
  require(resample >= 0 || (in.h % 2 == 0 && in.w % 2 == 0), "height and width must be even");
  const int64_t up = resample > 0 ? 2 : 1, down = resample < 0 ? 2 : 1;
  return {in.n, in.h * up / down, in.w * up / down, channels};
}

// The input and output images of a convolution and their division into windows. Y is T, or const T
// where the output is read, as in the gradient.
template <class T, class Y = T>
struct Job {
  const T* x;
  Y* y;
  Extent in, out;
  int64_t down = 0, across = 0, windows = 0;  // per image; in all

  template <class F>
  void cut() {
    down = (in.h + F::kStep - 1) / F::kStep, across = (in.w + F::kStep - 1) / F::kStep;
    windows = in.n * down * across;
  }
};

// Values by product, window and channel: [product][group of channels][window][channel].
struct Table {
  float* data;
  int64_t windows, group;  // channels per group: all, or as many as a product takes at a time
  int64_t step;            // floats from a product to the next, padded as in Factors

  Table(float* data, int64_t windows, int64_t channels, int64_t group)
      : data(data), windows(windows), group(group), step(step_of(windows, channels)) {}
  static int64_t step_of(int64_t windows, int64_t channels) { return windows * channels + 16; }

  // The table of the windows from `window` on.
  Table from(int64_t window) const {
    Table rest = *this;
    rest.data += window * group;
    return rest;
  }

  // The address of the first product's value.
  INLINE float* at(int64_t window, int64_t c) const {
    return data + (c / group * windows + window) * group + c % group;
  }
};

// The position of a window: image, row and column.
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

// Reads windows, from `first` on, and transforms them.
template <class F, class J>
INLINE void read_windows(const J& job, int64_t first, int64_t count, int phase, const Table& to) {
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    read_square<F::kWindow, F::kPoints>(
        job.x + place.n * job.in.image(), job.in, place.window<F>(phase),
        [&](int64_t c) INLINE_LAMBDA { return to.at(window, c); }, to.step,
        [](const VecF32* x, VecF32* p) INLINE_LAMBDA { F::window(x, p); });
  }
}

// The transpose of write_windows: reads the gradient of the results of windows and gives that of
// their products.
template <class F, class J>
INLINE void read_results(const J& job, int64_t first, int64_t count, const Table& to) {
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    read_square<F::kOut, F::kPoints>(
        job.y + place.n * job.out.image(), job.out, place.results<F>(0),
        [&](int64_t c) INLINE_LAMBDA { return to.at(window, c); }, to.step,
        [](const VecF32* y, VecF32* p) INLINE_LAMBDA { F::results_transposed(y, p); });
  }
}

// Transforms the products of windows, from `first` on, to results and writes those.
template <class F, class T>
INLINE void write_windows(const Job<T>& job, int64_t first, int64_t count, int phase,
                          const Table& from) {
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    write_square<F::kOut, F::kPoints>(
        job.y + place.n * job.out.image(), job.out, place.results<F>(phase),
        [&](int64_t c) INLINE_LAMBDA { return from.at(window, c); }, from.step,
        [](const VecF32* p, VecF32* y) INLINE_LAMBDA { F::results(p, y); });
  }
}

}  // namespace stylegan
