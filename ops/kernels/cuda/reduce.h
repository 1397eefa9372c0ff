// Reductions in a fixed order: a thread's column, the warp by shuffles, the warps by a tree in
// shared memory, one partial result per block; then a second kernel with a warp per result.
#pragma once

#include "strips.h"

namespace stylegan {

// Count, mean and sum of squared distances from the mean (Welford 1962; Chan et al. 1979).
template <int V>
struct Moments {
  float count = 0, mean[V] = {}, m2[V] = {};

  __device__ void add(const float (&values)[V]) {
    count += 1;
    const float weight = __fdividef(1, count);  // 1 / count would branch
#pragma unroll
    for (int v = 0; v < V; ++v) {
      const float distance = values[v] - mean[v];
      mean[v] += distance * weight;
      m2[v] += distance * (values[v] - mean[v]);
    }
  }

  __device__ void merge(const Moments& other) {
    const float total = count + other.count;
    const float weight = total > 0 ? other.count / total : 0;
#pragma unroll
    for (int v = 0; v < V; ++v) {
      const float distance = other.mean[v] - mean[v];
      mean[v] += distance * weight;
      m2[v] += other.m2[v] + distance * distance * (count * weight);
    }
    count = total;
  }

  __device__ Moments<1> of(int v) const { return {count, {mean[v]}, {m2[v]}}; }
};

template <int K, int V>
struct Sums {
  float sums[K][V] = {};

  __device__ void merge(const Sums& other) {
#pragma unroll
    for (int k = 0; k < K; ++k) {
#pragma unroll
      for (int v = 0; v < V; ++v) sums[k][v] += other.sums[k][v];
    }
  }

  __device__ Sums<K, 1> of(int v) const {
    Sums<K, 1> one;
#pragma unroll
    for (int k = 0; k < K; ++k) one.sums[k][0] = sums[k][v];
    return one;
  }
};

template <class Total>
__device__ inline void merge_lanes(Total& total, int offset) {
  Total other;
  const float* mine = reinterpret_cast<const float*>(&total);
#pragma unroll
  for (int i = 0; i < int(sizeof(Total) / sizeof(float)); ++i) {
    reinterpret_cast<float*>(&other)[i] = __shfl_xor_sync(kWholeWarp, mine[i], offset);
  }
  total.merge(other);
}

// Merges the totals of a block's columns; every thread calls it. The first column has the result.
template <class Total>
__device__ inline void merge_block(Total& total, int lanes_log2) {
  constexpr int kFloats = sizeof(Total) / sizeof(float);
  STYLEGAN_SHARED(float[kWarps / 2][kFloats][kWarp], exchanged);
  for (int offset = 1 << lanes_log2; offset < kWarp; offset *= 2) merge_lanes(total, offset);
  const int warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp;
  for (int half = kWarps / 2; half > 0; half /= 2) {
    if (warp >= half && warp < 2 * half) {
#pragma unroll
      for (int i = 0; i < kFloats; ++i) {
        exchanged[warp - half][i][lane] = reinterpret_cast<const float*>(&total)[i];
      }
    }
    __syncthreads();
    if (warp < half) {
      Total other;
#pragma unroll
      for (int i = 0; i < kFloats; ++i) {
        reinterpret_cast<float*>(&other)[i] = exchanged[warp][i][lane];
      }
      total.merge(other);
    }
    __syncthreads();
  }
}

// Merges and stores a block's totals: partials [channels, images, chunks].
template <int V, class Total, class One>
__device__ inline void store_partials(Total& total, const Strips& s, const Walk& walk,
                                      One* partials) {
  merge_block(total, s.lanes_log2);
  if (int(threadIdx.x) >> s.lanes_log2 > 0 || walk.channel >= s.channels) return;
  const int64_t chunks = int64_t{s.x_tiles} * s.strips;
#pragma unroll
  for (int v = 0; v < V; ++v) {
    partials[((walk.channel + v) * s.images + walk.image) * chunks + walk.chunk] = total.of(v);
  }
}

// One warp merges partials [groups, count] of a group and hands the total to `finish`.
template <class One, class Finish>
__global__ void __launch_bounds__(kThreads, kManyResident)
    finish_kernel(const One* partials, int64_t groups, int64_t count, Finish finish) {
  const int64_t group = int64_t{blockIdx.x} * kWarps + threadIdx.x / kWarp;
  if (group >= groups) return;  // whole warps return
  const int lane = threadIdx.x % kWarp;
  One total;
#pragma unroll 4
  for (int64_t i = lane; i < count; i += kWarp) total.merge(partials[group * count + i]);
  for (int offset = 1; offset < kWarp; offset *= 2) merge_lanes(total, offset);
  if (lane == 0) finish(group, total);
}

template <class One, class Finish>
cudaError_t finish_partials(const One* partials, int64_t groups, int64_t count, Finish finish,
                            cudaStream_t stream) {
  return launch(finish_kernel<One, Finish>, ceil_div<int64_t>(groups, kWarps), stream, partials,
                groups, count, finish);
}

}  // namespace stylegan
