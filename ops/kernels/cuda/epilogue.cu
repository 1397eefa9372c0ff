// Noise, bias, leaky ReLU, instance norm and style, optionally after a blur, in two passes: one
// reads x for the statistics, one reads it again and writes y. The blur is computed in both, which
// costs less than to write and read the blurred image.
#include "activation.h"
#include "reduce.h"

namespace stylegan {
namespace {

template <class T, int V, bool kBlur>
__global__ void __launch_bounds__(kThreads, kBlur && V <= 4 ? 3 : kResident)
    statistics_kernel(Epilogue<T> in, Moments<1>* __restrict__ partials, Strips s) {
  const Walk walk(s, V);
  Moments<V> moments;
  if (walk.inside) {
    const Biased<T, V> biased(in, walk);
    const int64_t end = walk.last(s);
    Source<T, V, kBlur> source(in.x, s, walk, walk.begin, end);
    Noise<kBlur> noise(in, s, walk, walk.begin, end);
#pragma unroll(kBlur ? 1 : 4)
    for (int left = int(end - walk.begin); left > 0; --left) {
      float a[V];
      source.next(a);
      biased.add(a, noise.next());
#pragma unroll
      for (int v = 0; v < V; ++v) a[v] = leaky_relu(a[v]);
      moments.add(a);
    }
  }
  store_partials<V>(moments, s, walk, partials);
}

struct StoreStatistics {
  float *mean, *rstd;
  int64_t images, channels;

  __device__ void operator()(int64_t group, const Moments<1>& total) const {
    const int64_t at = group % images * channels + group / images;
    const float variance = total.count > 0 ? total.m2[0] / total.count : 0;
    mean[at] = total.mean[0];
    rstd[at] = 1 / sqrtf(variance + 1e-8f);
  }
};

template <class T, int V, bool kBlur>
__global__ void __launch_bounds__(kThreads, kResident)
    styling_kernel(Epilogue<T> in, const float* __restrict__ means, const float* __restrict__ rstds,
                   T* __restrict__ out, Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  const Biased<T, V> biased(in, walk);
  const int64_t map = walk.image * s.channels + walk.channel;
  const float* style = in.style + walk.image * s.channels + map;  // [2, channels] of the image
  float mean[V], scale[V], rstd[V], shift[V];
  load(means + map, mean);
  load(rstds + map, rstd);
  load(style, scale);
  load(style + s.channels, shift);
#pragma unroll
  for (int v = 0; v < V; ++v) scale[v] = (scale[v] + 1) * rstd[v];
  const int64_t end = walk.last(s);
  Source<T, V, kBlur> source(in.x, s, walk, walk.begin, end);
  Noise<kBlur> noise(in, s, walk, walk.begin, end);
  T* to = out + walk.offset(s, walk.begin);
#pragma unroll(kBlur ? (V > 4 ? 1 : 2) : 4)
  for (int left = int(end - walk.begin); left > 0; --left) {
    float a[V];
    source.next(a);
    biased.add(a, noise.next());
#pragma unroll
    for (int v = 0; v < V; ++v) a[v] = (leaky_relu(a[v]) - mean[v]) * scale[v] + shift[v];
    store(to, a);
    to += s.width * s.channels;
  }
}

template <class T, int V, bool kBlur>
cudaError_t run(const Epilogue<T>& in, T* y, float* mean, float* rstd, void* workspace,
                cudaStream_t stream) {
  const Strips s = strips_of(in, V);
  auto* partials = static_cast<Moments<1>*>(workspace);
  cudaError_t error = launch(statistics_kernel<T, V, kBlur>, s.blocks(), stream, in, partials, s);
  if (error != cudaSuccess) return error;
  const StoreStatistics store{mean, rstd, in.images, in.channels};
  error = finish_partials(partials, in.channels * in.images, s.chunks(), store, stream);
  if (error != cudaSuccess) return error;
  return launch(styling_kernel<T, V, kBlur>, s.blocks(), stream, in, mean, rstd, y, s);
}

}  // namespace

template <class T>
cudaError_t epilogue(const Epilogue<T>& in, T* y, float* mean, float* rstd, void* workspace,
                     cudaStream_t stream) {
  const std::initializer_list<const void*> pointers = {in.x, in.strength, in.bias, in.style,
                                                       y,    mean,        rstd};
  return with_vectors<kWide<T>>(in.channels, pointers, [&](auto width) {
    constexpr int V = decltype(width)::value;
    return in.blur ? run<T, V, true>(in, y, mean, rstd, workspace, stream)
                   : run<T, V, false>(in, y, mean, rstd, workspace, stream);
  });
}

template <class T>
int64_t epilogue_workspace_bytes(const Epilogue<T>& in) {
  const int64_t chunks = maximum(strips_of(in, 1).chunks(), strips_of(in, kWide<T>).chunks());
  return in.channels * in.images * chunks * int64_t{sizeof(Moments<1>)};
}

#define FOR_TYPE(T)                                                                           \
  template cudaError_t epilogue(const Epilogue<T>&, T*, float*, float*, void*, cudaStream_t); \
  template int64_t epilogue_workspace_bytes(const Epilogue<T>&);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
