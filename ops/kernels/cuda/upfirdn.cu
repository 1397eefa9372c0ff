// Upsampling, filtering and downsampling in one pass, which takes only the taps that meet a sample.
#include "launchers.h"
#include "strips.h"
#include "vectors.h"

namespace stylegan {
namespace {

constexpr int kTaps = 4;  // at most, of a short kernel

// The taps of an output along one axis: taps `tap`, `tap + up`, … meet the samples
// `sample`, `sample + 1`, …
struct Taps {
  int64_t tap, sample;

  __device__ Taps(int64_t out, int64_t up, int64_t down, int64_t before) {
    const int64_t start = out * down - before;  // of the first tap, among samples and zeros
    tap = (up - start % up) % up;               // start can be negative, and so can its remainder
    sample = (start + tap) / up;
  }
};

// A true convolution: the last tap of the kernel meets the first sample.
__device__ inline float weight_of(const float* kernel, const Resampling& how, int64_t row,
                                  int64_t column) {
  return __ldg(kernel + (how.kernel_height - row) * how.kernel_width - 1 - column);
}

// Short kernels, with up and down known to the compiler: all samples that a row of taps meets are
// loaded at once. For samples that do not exist the nearest one is loaded, and counts as zero.
template <class T, int V, int kUp, int kDown>
__global__ void __launch_bounds__(kThreads, kManyResident)
    short_upfirdn_kernel(Resampling how, const T* __restrict__ x, const float* __restrict__ kernel,
                         T* __restrict__ y, Strips s) {
  constexpr int kMet = kTaps / kUp;  // samples that the taps meet along an axis
  STYLEGAN_SHARED(float[kTaps][kTaps], weights);
  if (threadIdx.x < kTaps * kTaps) {
    const int i = threadIdx.x / kTaps, j = threadIdx.x % kTaps;
    const bool there = i < how.kernel_height && j < how.kernel_width;
    weights[i][j] = there ? weight_of(kernel, how, i, j) : 0;
  }
  __syncthreads();
  const Walk walk(s, V);
  if (!walk.inside) return;
  const Taps across(walk.x, kUp, kDown, how.left);
  bool met[kMet];
  int64_t at[kMet];
#pragma unroll
  for (int j = 0; j < kMet; ++j) {
    const int64_t w = across.sample + j;
    met[j] = across.tap + j * kUp < how.kernel_width && w >= 0 && w < how.width;
    at[j] = maximum<int64_t>(0, minimum(w, how.width - 1)) * how.channels + walk.channel;
  }
  const int64_t step = how.width * how.channels;
  const T* image = x + walk.image * how.height * step;
  T* to = y + walk.offset(s, walk.begin);
#pragma unroll 1
  for (int64_t row = walk.begin; row < walk.end; ++row) {
    const Taps along(row, kUp, kDown, how.top);
    float sum[V] = {};
#pragma unroll 1
    for (int i = 0; i < kMet; ++i) {
      const int64_t tap = along.tap + i * kUp, h = along.sample + i;
      const bool row_met = tap < how.kernel_height && h >= 0 && h < how.height;
      const T* from = image + maximum<int64_t>(0, minimum(h, how.height - 1)) * step;
      Packed<T, V> samples[kMet];
#pragma unroll
      for (int j = 0; j < kMet; ++j) samples[j].fetch(from + at[j]);
#pragma unroll
      for (int j = 0; j < kMet; ++j) {
        float values[V];
        samples[j].unpack(row_met && met[j], values);
        const float weight = weights[tap][across.tap + j * kUp];
#pragma unroll
        for (int v = 0; v < V; ++v) sum[v] += weight * values[v];
      }
    }
    store(to, sum);
    to += s.width * s.channels;
  }
}

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    upfirdn_kernel(Resampling how, const T* __restrict__ x, const float* __restrict__ kernel,
                   T* __restrict__ y, Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  const Taps across(walk.x, how.up, how.down, how.left);
  for (int64_t row = walk.begin; row < walk.end; ++row) {
    const Taps along(row, how.up, how.down, how.top);
    float sum[V] = {};
    int64_t h = along.sample;
    for (int64_t i = along.tap; i < how.kernel_height; i += how.up, ++h) {
      if (h < 0 || h >= how.height) continue;
      int64_t w = across.sample;
      for (int64_t j = across.tap; j < how.kernel_width; j += how.up, ++w) {
        if (w < 0 || w >= how.width) continue;
        const int64_t at = ((walk.image * how.height + h) * how.width + w) * how.channels;
        const float weight = weight_of(kernel, how, i, j);
        float values[V];
        load(x + at + walk.channel, values);
#pragma unroll
        for (int v = 0; v < V; ++v) sum[v] += weight * values[v];
      }
    }
    store(y + walk.offset(s, row), sum);
  }
}

template <class T, int V>
auto kernel_for(const Resampling& how) {
  const bool samples = how.height > 0 && how.width > 0;  // else there is none to load
  if (samples && how.kernel_height <= kTaps && how.kernel_width <= kTaps) {
    if (how.up == 1 && how.down == 1) return short_upfirdn_kernel<T, V, 1, 1>;
    if (how.up == 2 && how.down == 1) return short_upfirdn_kernel<T, V, 2, 1>;
    if (how.up == 1 && how.down == 2) return short_upfirdn_kernel<T, V, 1, 2>;
  }
  return upfirdn_kernel<T, V>;
}

}  // namespace

template <class T>
cudaError_t upfirdn(const Resampling& how, const T* x, const float* kernel, T* y,
                    cudaStream_t stream) {
  return with_vectors<kWide<T>>(how.channels, {x, y}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = strips_of(how.images, how.out_height(), how.out_width(), how.channels, V);
    return launch(kernel_for<T, V>(how), s.blocks(), stream, how, x, kernel, y, s);
  });
}

#define FOR_TYPE(T) \
  template cudaError_t upfirdn(const Resampling&, const T*, const float*, T*, cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
