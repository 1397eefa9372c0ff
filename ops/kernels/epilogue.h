// What the epilogue and its gradient share: their inputs, and the loop over channels and pixels.
#pragma once

#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {

constexpr float kEpsilon = 1e-8f;

inline std::vector<float> zeros(int64_t channels) {  // room for whole lanes at the end
  return std::vector<float>((channels + kLanes - 1) / kLanes * kLanes);
}

inline std::vector<float> padded(const float* values, int64_t channels) {
  std::vector<float> copy = zeros(channels);
  std::copy(values, values + channels, copy.begin());
  return copy;
}

// Where a row's noise and its channels' parameters lie; without noise, a row of zeros.
struct Parameters {
  std::vector<float> strength, bias, no_noise;
  const float* noise;
  int64_t noise_picture;  // elements from one picture's noise to the next; 0 if they share it

  Parameters(const Extent& e, const Tensor& noise_input, const Tensor& strength_input,
             const Tensor& bias_input)
      : strength(zeros(e.c)), bias(padded(bias_input.data<float>(), e.c)), no_noise(e.w) {
    const int64_t pixels = e.h * e.w;
    const bool noisy = noise_input.size() > 0;
    require(!noisy || noise_input.size() == pixels || noise_input.size() == e.n * pixels,
            "noise must be [1 or N, H, W, 1]");
    noise = noisy ? noise_input.data<float>() : nullptr;
    noise_picture = noise_input.size() == pixels ? 0 : pixels;
    if (!noisy) return;
    require(strength_input.size() == e.c, "strength must be [C]");
    strength = padded(strength_input.data<float>(), e.c);
  }

  const float* noise_row(int64_t n, int64_t y, const Extent& e) const {
    return noise ? noise + n * noise_picture + y * e.w : no_noise.data();
  }
};

inline Extent extent_of(const Shape& x, const Tensor& bias, const Tensor& style) {
  require(x.size() == 4, "x must be [N, H, W, C]");
  const Extent e{x[0], x[1], x[2], x[3]};
  require(bias.size() == e.c, "bias must be [C]");
  require(style.size() == 2 * e.n * e.c, "style must be [N, 2·C]");
  return e;
}

// Strips of rows, one a task; the cut depends on the shape alone, so that results do not depend on
// the number of threads, and a picture's not on its batch-mates.
struct Strips {
  int64_t rows, count;  // rows a strip, strips a picture
  explicit Strips(const Extent& e) : rows(rows_a_task(e)), count((e.h + rows - 1) / rows) {}
  template <class Body>
  void each(const Extent& e, const Body& body) const {  // body(n, strip, first row, end row)
    parallel(e.n * count, e.size(), [&](int64_t task) {
      const int64_t strip = task % count, begin = strip * rows;
      body(task / count, strip, begin, std::min(e.h, begin + rows));
    });
  }
};

// G·8 neighbouring channels, or, where they are not whole, the last few. Whoever goes along a row
// for one group after another can keep what belongs to its channels in registers.
template <int G, bool kWhole>
struct Group {
  static constexpr int size = G;
  int64_t c, rest;  // first channel; number of channels where the lanes are not whole

  INLINE static void fill(Lanes (&lanes)[G], const float* from) {
    for (int i = 0; i < G; ++i) lanes[i] = load(from + i * kLanes);
  }
  template <class T>
  INLINE Lanes get(const T* pixel, int i) const {
    return kWhole ? load(pixel + c + i * kLanes) : load_some(pixel + c, rest);
  }
  template <class T>
  INLINE void put(T* pixel, int i, Lanes lanes) const {
    kWhole ? store(pixel + c + i * kLanes, lanes) : store_some(pixel + c, lanes, rest);
  }
};

template <class Body>
INLINE void over_channels(int64_t channels, const Body& body) {
  int64_t c = 0;
  for (; c + 2 * kLanes <= channels; c += 2 * kLanes) body(Group<2, true>{c, 0});
  for (; c + kLanes <= channels; c += kLanes) body(Group<1, true>{c, 0});
  if (c < channels) body(Group<1, false>{c, channels - c});
}

}  // namespace stylegan
