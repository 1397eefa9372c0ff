// The second pass of the epilogue's gradient: dx, and the sums for bias and strength.
#pragma once

#include "activation.h"
#include "reduce.h"

namespace stylegan {

// dz = rstd·(style + 1)·(dy - mean(dy) - ŷ·mean(dy·ŷ))·slope(z).
template <class T, int V>
class Backward {
 public:
  __device__ Backward(const Epilogue<T>& in, const EpilogueGrad<T>& grad, const Strips& s,
                      const Walk& walk) {
    const int64_t map = walk.image * s.channels + walk.channel;
    const int64_t style = walk.image * s.channels + map;  // [images, 2, channels]
    float rstd[V];
    load(grad.mean + map, mean_);
    load(grad.rstd + map, rstd);
    load(in.style + style, scale_);
    load(grad.dstyle + style, along_);
    load(grad.dstyle + style + s.channels, level_);
    const float share = 1 / float(s.pixels);
#pragma unroll
    for (int v = 0; v < V; ++v) {
      scale_[v] = (scale_[v] + 1) * rstd[v];
      along_[v] *= rstd[v] * share;
      level_[v] *= share;
    }
  }

  // Replaces dy by dz.
  __device__ void operator()(const float (&z)[V], float (&dy)[V]) const {
#pragma unroll
    for (int v = 0; v < V; ++v) {
      const float da = dy[v] - level_[v] - (leaky_relu(z[v]) - mean_[v]) * along_[v];
      dy[v] = da * scale_[v] * slope(z[v]);
    }
  }

 private:
  float mean_[V], scale_[V], along_[V], level_[V];
};

template <int V>
__device__ inline void add_to(Sums<2, V>& total, const float (&dz)[V], float noise) {
#pragma unroll
  for (int v = 0; v < V; ++v) {
    total.sums[0][v] += dz[v];
    total.sums[1][v] += dz[v] * noise;
  }
}

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kResident)
    plain_dx_kernel(Epilogue<T> in, EpilogueGrad<T> grad, Sums<2, 1>* __restrict__ partials,
                    Strips s) {
  const Walk walk(s, V);
  Sums<2, V> total;
  if (walk.inside) {
    const Biased<T, V> biased(in, walk);
    const Backward<T, V> backward(in, grad, s, walk);
    const int64_t end = walk.last(s);
    Noise<false> noises(in, s, walk, walk.begin, end);
#pragma unroll 2
    for (int64_t y = walk.begin; y < end; ++y) {
      const int64_t at = walk.offset(s, y);
      const float noise = noises.next();
      float z[V], dz[V];
      load(in.x + at, z);
      load(grad.dy + at, dz);
      biased.add(z, noise);
      backward(z, dz);
      add_to(total, dz, noise);
      store(grad.dx + at, dz);
    }
  }
  store_partials<V>(total, s, walk, partials);
}

// The values that a thread exchanges with its neighbours, in one access.
template <int V>
struct alignas(V * sizeof(float)) PixelValues {
  float values[V];
};

// Neighbouring columns exchange their rows of dz in shared memory, which holds two rows in turn.
// Threads outside of the image compute what the nearest thread inside does, without effect.
template <class T, int V>
__global__ void __launch_bounds__(kThreads, kResident)
    blurred_dx_kernel(Epilogue<T> in, EpilogueGrad<T> grad, Sums<2, 1>* __restrict__ partials,
                      Strips s) {
  STYLEGAN_SHARED(PixelValues<V>[2][kThreads], exchanged);
  const Walk unclamped(s, V), walk = unclamped.clamped(s, V);
  const int thread = threadIdx.x, lanes = 1 << s.lanes_log2;
  const Biased<T, V> biased(in, walk);
  const Backward<T, V> backward(in, grad, s, walk);
  const int64_t begin = walk.begin - 1, end = walk.end + 1, step = s.width * s.channels;
  const int rows = int(walk.end - walk.begin);
  Blurred<T, V> source(in.x, s, walk, begin, end);
  Ahead<T, V> dys(grad.dy, s, walk, begin, end);
  Noise<true> noises(in, s, walk, begin, end);
  Sums<2, V> total;
  T* to = grad.dx + walk.offset(s, begin - 1);
  float above[V] = {}, here[V] = {};  // the row above and twice this one; this one
#pragma unroll 2
  for (int row = -1; row <= rows; ++row) {
    const bool there = walk.inside && dys.there();
    float z[V];
    PixelValues<V> dz;
    source.next(z);
    dys.next(dz.values);
    const float noise = noises.next();
    biased.add(z, noise);
    backward(z, dz.values);
#pragma unroll
    for (int v = 0; v < V; ++v) dz.values[v] = there ? dz.values[v] : 0;
    if (walk.owned && row >= 0 && row < rows) add_to(total, dz.values, noise);
    PixelValues<V>(&row_values)[kThreads] = exchanged[row & 1];
    row_values[thread] = dz;
    __syncthreads();
    if (!walk.owned) continue;
    const PixelValues<V> left = row_values[thread - lanes], right = row_values[thread + lanes];
    float blurred[V];
#pragma unroll
    for (int v = 0; v < V; ++v) {
      const float below = left.values[v] + 2 * dz.values[v] + right.values[v];
      blurred[v] = (above[v] + below) * (1.0f / 16);
      above[v] = here[v] + 2 * below;
      here[v] = below;
    }
    if (row > 0) store(to, blurred);
    to += step;
  }
  store_partials<V>(total, s, unclamped, partials);
}

}  // namespace stylegan
