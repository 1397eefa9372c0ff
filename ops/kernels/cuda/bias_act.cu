// Bias and leaky ReLU, its gradient, and the gradient of that. Each reads its inputs once and
// writes its output once; the gradient also sums that of the bias.
#include "launchers.h"
#include "reduce.h"
#include "vectors.h"

namespace stylegan {
namespace {

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    bias_act_kernel(const T* __restrict__ x, const float* __restrict__ bias, T* __restrict__ y,
                    Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  float b[V];
  load(bias + walk.channel, b);
  const int64_t end = walk.last(s);
#pragma unroll 8
  for (int64_t row = walk.begin; row < end; ++row) {
    const int64_t at = walk.offset(s, row);
    float z[V];
    load(x + at, z);
#pragma unroll
    for (int v = 0; v < V; ++v) z[v] = leaky_relu(z[v] + b[v]);
    store(y + at, z);
  }
}

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    bias_act_grad_kernel(const T* __restrict__ dy, const T* __restrict__ y, T* __restrict__ dx,
                         Sums<1, 1>* __restrict__ partials, Strips s) {
  const Walk walk(s, V);
  Sums<1, V> total;
  const int64_t end = walk.inside ? walk.last(s) : walk.begin;
#pragma unroll 4
  for (int64_t row = walk.begin; row < end; ++row) {
    const int64_t at = walk.offset(s, row);
    float g[V], activated[V];
    load(dy + at, g);
    load(y + at, activated);
#pragma unroll
    for (int v = 0; v < V; ++v) {
      g[v] *= slope(activated[v]);
      total.sums[0][v] += g[v];
    }
    store(dx + at, g);
  }
  store_partials<V>(total, s, walk, partials);
}

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    masked_bias_kernel(const T* __restrict__ g, const float* __restrict__ bias,
                       const T* __restrict__ y, T* __restrict__ dx, Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  float b[V];
  load(bias + walk.channel, b);
  const int64_t end = walk.last(s);
#pragma unroll 4
  for (int64_t row = walk.begin; row < end; ++row) {
    const int64_t at = walk.offset(s, row);
    float z[V], activated[V];
    load(g + at, z);
    load(y + at, activated);
#pragma unroll
    for (int v = 0; v < V; ++v) z[v] = (z[v] + b[v]) * slope(activated[v]);
    store(dx + at, z);
  }
}

struct StoreSum {
  float* sums;
  __device__ void operator()(int64_t channel, const Sums<1, 1>& total) const {
    sums[channel] = total.sums[0][0];
  }
};

}  // namespace

template <class T>
cudaError_t bias_act(const T* x, const float* bias, T* y, int64_t pixels, int64_t channels,
                     cudaStream_t stream) {
  return with_vectors<kWide<T>>(channels, {x, bias, y}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = flat_strips(1, pixels, channels, V);
    return launch(bias_act_kernel<T, V>, s.blocks(), stream, x, bias, y, s);
  });
}

template <class T>
cudaError_t bias_act_grad(const T* dy, const T* y, T* dx, float* dbias, int64_t pixels,
                          int64_t channels, void* workspace, cudaStream_t stream) {
  return with_vectors<kWide<T>>(channels, {dy, y, dx}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = flat_strips(1, pixels, channels, V);
    auto* partials = static_cast<Sums<1, 1>*>(workspace);
    const cudaError_t error =
        launch(bias_act_grad_kernel<T, V>, s.blocks(), stream, dy, y, dx, partials, s);
    if (error != cudaSuccess) return error;
    return finish_partials(partials, channels, s.chunks(), StoreSum{dbias}, stream);
  });
}

template <class T>
int64_t bias_act_grad_workspace_bytes(int64_t pixels, int64_t channels) {
  const auto bytes = [&](int V) {
    return channels * flat_strips(1, pixels, channels, V).chunks() * int64_t{sizeof(Sums<1, 1>)};
  };
  return maximum(bytes(1), bytes(kWide<T>));
}

template <class T>
cudaError_t masked_bias(const T* g, const float* bias, const T* y, T* dx, int64_t pixels,
                        int64_t channels, cudaStream_t stream) {
  return with_vectors<kWide<T>>(channels, {g, bias, y, dx}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = flat_strips(1, pixels, channels, V);
    return launch(masked_bias_kernel<T, V>, s.blocks(), stream, g, bias, y, dx, s);
  });
}

#define FOR_TYPE(T)                                                                           \
  template cudaError_t bias_act(const T*, const float*, T*, int64_t, int64_t, cudaStream_t);  \
  template cudaError_t bias_act_grad(const T*, const T*, T*, float*, int64_t, int64_t, void*, \
                                     cudaStream_t);                                           \
  template int64_t bias_act_grad_workspace_bytes<T>(int64_t, int64_t);                        \
  template cudaError_t masked_bias(const T*, const float*, const T*, T*, int64_t, int64_t,    \
                                   cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
