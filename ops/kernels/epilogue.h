// The inputs of the epilogue and its gradient, and the loop over a row of pixels.
#pragma once

#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {

constexpr float kEpsilon = 1e-8f;

inline std::vector<float> zeros(int64_t channels) {
  return std::vector<float>(padded_to_lanes(channels));
}

inline std::vector<float> padded(const float* values, int64_t channels) {
  std::vector<float> copy = zeros(channels);
  std::copy(values, values + channels, copy.begin());
  return copy;
}

inline Extent extent_of(const Shape& x, const Tensor& bias, const Tensor& style) {
  require(x.size() == 4, "x must be [N, H, W, C]");
  const Extent e{x[0], x[1], x[2], x[3]};
  require(bias.size() == e.c, "bias must be [C]");
  require(style.size() == 2 * e.n * e.c, "style must be [N, 2·C]");
  return e;
}

// Strips of rows, one per task. They depend on the shape alone, so that results do not depend on
// the number of threads, nor those of an image on the rest of the batch.
struct Strips {
  int64_t rows, count;  // rows per strip, strips per image
  explicit Strips(const Extent& e) : rows(rows_per_task(e)), count((e.h + rows - 1) / rows) {}
  template <class Body>
  void each(const Extent& e, const Body& body) const {  // body(n, strip, first row, end row)
    parallel(e.n * count, e.size(), [&](int64_t task) {
      const int64_t strip = task % count, begin = strip * rows;
      body(task / count, strip, begin, std::min(e.h, begin + rows));
    });
  }
};

// A row of the leaky ReLU's input: x, blurred or not, + noise · strength + bias.
struct Row {
  const float *above, *here, *below;  // rows of x; above and below are for the blur only
  const float *noise, *strength, *bias;
  int64_t w, c;
  bool blur;
};

// The noise, and the values per channel. Without noise, a row of zeros stands in for it.
class Parameters {
 public:
  Parameters(const Extent& e, bool blur, const Tensor& noise, const Tensor& strength,
             const Tensor& bias)
      : e_(e), blur_(blur), strength_(zeros(e.c)), bias_(padded(bias.data<float>(), e.c)),
        no_noise_(e.w), noise_(noise.size() > 0 ? noise.data<float>() : nullptr),
        noise_image_(noise.size() == e.h * e.w ? 0 : e.h * e.w) {
    if (noise_ == nullptr) return;
    require(noise.size() == e.h * e.w || noise.size() == e.n * e.h * e.w,
            "noise must be [1 or N, H, W, 1]");
    require(strength.size() == e.c, "strength must be [C]");
    strength_ = padded(strength.data<float>(), e.c);
  }

  template <class T>
  Row row(InputRows<T>& x, int64_t n, int64_t y) const {
    const float* noise = noise_ ? noise_ + n * noise_image_ + y * e_.w : no_noise_.data();
    return Row{blur_ ? x.row(y - 1) : nullptr, x.row(y),         blur_ ? x.row(y + 1) : nullptr,
               noise,   strength_.data(), bias_.data(), e_.w, e_.c, blur_};
  }

 private:
  const Extent& e_;
  bool blur_;
  std::vector<float> strength_, bias_, no_noise_;
  const float* noise_;
  int64_t noise_image_;  // floats from an image's noise to the next one's; 0 if they share it
};

// G vectors of neighbouring channels or, if not kWhole, the last few channels. A loop over a row
// for one group after another can keep the values per channel in registers.
template <int G, bool kWhole>
struct Group {
  static constexpr int size = G;
  int64_t c, rest;  // first channel; number of channels if not kWhole

  INLINE void fill(VecF32 (&values)[G], const float* from) const {
    for (int i = 0; i < G; ++i) values[i] = load(from + c + i * kLanes);
  }
  INLINE void keep(const VecF32 (&values)[G], float* to) const {
    for (int i = 0; i < G; ++i) store(to + c + i * kLanes, values[i]);
  }
  INLINE VecF32 get(const float* pixel, int i) const {
    return kWhole ? load(pixel + c + i * kLanes) : load_partial(pixel + c, rest);
  }
  INLINE void put(float* pixel, int i, VecF32 values) const {
    kWhole ? store(pixel + c + i * kLanes, values) : store_partial(pixel + c, values, rest);
  }
};

// Iterates over the pixels of a row for one group of channels. With blur it keeps the vertical sums
// of three pixels, so that every pixel of x is loaded once for each of the three rows that need it.
template <class G, bool kBlur>
class Pixels {
 public:
  INLINE Pixels(const Row& row, const G& group) : row_(row), group_(group) {
    group.fill(strength_, row.strength);
    group.fill(bias_, row.bias);
    for (int i = 0; kBlur && i < G::size; ++i) before_[i] = VecF32{}, here_[i] = vertical(0, i);
  }

  // The leaky ReLU's input at pixel x. Must be called for the pixels in order, once each.
  INLINE VecF32 z(int64_t x, int i) {
    const VecF32 value = kBlur ? blurred(x, i) : group_.get(row_.here + x * row_.c, i);
    return value + (row_.noise[x] * strength_[i] + bias_[i]);
  }

 private:
  INLINE VecF32 vertical(int64_t x, int i) const {
    const int64_t at = x * row_.c;
    return group_.get(row_.above + at, i) + 2.0f * group_.get(row_.here + at, i) +
           group_.get(row_.below + at, i);
  }
  INLINE VecF32 blurred(int64_t x, int i) {
    const VecF32 after = x + 1 < row_.w ? vertical(x + 1, i) : VecF32{};
    const VecF32 sum = before_[i] + 2.0f * here_[i] + after;
    before_[i] = here_[i], here_[i] = after;
    return sum * 0.0625f;
  }

  const Row row_;
  const G group_;
  VecF32 strength_[G::size], bias_[G::size], before_[G::size], here_[G::size];
};

// Calls body(group, pixels) for one group of channels after another.
template <class Body>
INLINE void over_channels(const Row& row, const Body& body) {
  const auto call = [&](auto group) INLINE_LAMBDA {
    if (row.blur)
      body(group, Pixels<decltype(group), true>(row, group));
    else
      body(group, Pixels<decltype(group), false>(row, group));
  };
  int64_t c = 0;
  for (; c + 2 * kLanes <= row.c; c += 2 * kLanes) call(Group<2, true>{c, 0});
  for (; c + kLanes <= row.c; c += kLanes) call(Group<1, true>{c, 0});
  if (c < row.c) call(Group<1, false>{c, row.c - c});
}

}  // namespace stylegan
