// Upsampling, filtering and downsampling in one pass: only taps that meet a sample are taken.
#include "launchers.h"
#include "strips.h"
#include "vectors.h"

namespace stylegan {
namespace {

// Where the taps of one output lie along one axis: taps `tap`, `tap + up`, … meet the samples
// `sample`, `sample + 1`, …
struct Taps {
  int64_t tap, sample;

  __device__ Taps(int64_t out, int64_t up, int64_t down, int64_t before) {
    const int64_t start = out * down - before;  // of the first tap, among samples and zeros
    tap = (up - start % up) % up;               // start can be negative, and so can its remainder
    sample = (start + tap) / up;
  }
};

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
        // A true convolution: the last tap of the kernel meets the first sample.
        const int64_t flipped = (how.kernel_height - i) * how.kernel_width - 1 - j;
        const float weight = __ldg(kernel + flipped);
        float values[V];
        load(x + at + walk.channel, values);
#pragma unroll
        for (int v = 0; v < V; ++v) sum[v] += weight * values[v];
      }
    }
    store(y + walk.offset(s, row), sum);
  }
}

}  // namespace

template <class T>
cudaError_t upfirdn(const Resampling& how, const T* x, const float* kernel, T* y,
                    cudaStream_t stream) {
  return with_vectors<kWide<T>>(how.channels, {x, y}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = strips_of(how.images, how.out_height(), how.out_width(), how.channels, V);
    return launch(upfirdn_kernel<T, V>, s.blocks(), stream, how, x, kernel, y, s);
  });
}

#define FOR_TYPE(T) \
  template cudaError_t upfirdn(const Resampling&, const T*, const float*, T*, cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
