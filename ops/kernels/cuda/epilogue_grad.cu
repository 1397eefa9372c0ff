// The gradient of the epilogue. Two passes: one reads dy and x for the sums of dy and dy·ŷ, which
// are the style's gradient and the means that the instance norm subtracts; one reads both again,
// writes dx and sums the gradients of bias and strength. With a blur the second pass blurs
// its result in shared memory, a row at a time.
#include "epilogue_dx.h"

namespace stylegan {
namespace {

template <class T, int V, bool kBlur>
__global__ void __launch_bounds__(kThreads, kResident)
    style_sums_kernel(Epilogue<T> in, EpilogueGrad<T> grad, Sums<2, 1>* __restrict__ partials,
                      Strips s) {
  const Walk walk(s, V);
  Sums<2, V> total;
  if (walk.inside) {
    const Biased<T, V> biased(in, walk);
    float mean[V];
    load(grad.mean + walk.image * s.channels + walk.channel, mean);
    const int64_t end = walk.last(s);
    Source<T, V, kBlur> source(in.x, s, walk, walk.begin, end);
    Beside<T, V, kBlur> dys(grad.dy, s, walk, walk.begin, end);
    Noise<kBlur> noise(in, s, walk, walk.begin, end);
#pragma unroll(kBlur ? (V > 4 ? 1 : 2) : 4)
    for (int left = int(end - walk.begin); left > 0; --left) {
      float a[V], dy[V];
      dys.next(dy);
      source.next(a);
      biased.add(a, noise.next());
#pragma unroll
      for (int v = 0; v < V; ++v) {
        total.sums[0][v] += dy[v] * (leaky_relu(a[v]) - mean[v]);
        total.sums[1][v] += dy[v];
      }
    }
  }
  store_partials<V>(total, s, walk, partials);
}

struct StoreStyle {
  const float* rstd;
  float* dstyle;
  int64_t images, channels;

  __device__ void operator()(int64_t group, const Sums<2, 1>& total) const {
    const int64_t image = group % images, channel = group / images;
    float* style = dstyle + 2 * image * channels + channel;
    style[0] = total.sums[0][0] * rstd[image * channels + channel];
    style[channels] = total.sums[1][0];
  }
};

struct StoreBiasAndStrength {
  float *dbias, *dstrength;

  __device__ void operator()(int64_t channel, const Sums<2, 1>& total) const {
    dbias[channel] = total.sums[0][0];
    dstrength[channel] = total.sums[1][0];
  }
};

// Elements per access: with eight there would be too few registers for two rows of dz.
constexpr int dx_width(int V, bool blur) { return blur ? minimum(V, 4) : V; }

template <class T>
Strips dx_strips(const Epilogue<T>& in, int V) {
  V = dx_width(V, in.blur);
  if (in.blur) return strips_of(in.images, in.height, in.width, in.channels, V, 1);
  return strips_of(in, V);
}

template <class T, int V, bool kBlur>
cudaError_t run(const Epilogue<T>& in, const EpilogueGrad<T>& grad, void* workspace,
                cudaStream_t stream) {
  auto* partials = static_cast<Sums<2, 1>*>(workspace);
  const Strips sums = strips_of(in, V), dx = dx_strips(in, V);
  cudaError_t error =
      launch(style_sums_kernel<T, V, kBlur>, sums.blocks(), stream, in, grad, partials, sums);
  if (error != cudaSuccess) return error;
  const StoreStyle style{grad.rstd, grad.dstyle, in.images, in.channels};
  error = finish_partials(partials, in.channels * in.images, sums.chunks(), style, stream);
  if (error != cudaSuccess) return error;
  constexpr int kWidth = dx_width(V, kBlur);
  if constexpr (kBlur) {
    error = launch(blurred_dx_kernel<T, kWidth>, dx.blocks(), stream, in, grad, partials, dx);
  } else {
    error = launch(plain_dx_kernel<T, kWidth>, dx.blocks(), stream, in, grad, partials, dx);
  }
  if (error != cudaSuccess) return error;
  const StoreBiasAndStrength store{grad.dbias, grad.dstrength};
  return finish_partials(partials, in.channels, in.images * dx.chunks(), store, stream);
}

}  // namespace

template <class T>
cudaError_t epilogue_grad(const Epilogue<T>& in, const EpilogueGrad<T>& grad, void* workspace,
                          cudaStream_t stream) {
  const std::initializer_list<const void*> pointers = {
      in.x, in.strength, in.bias, in.style, grad.dy, grad.mean, grad.rstd, grad.dx, grad.dstyle};
  return with_vectors<kWide<T>>(in.channels, pointers, [&](auto width) {
    constexpr int V = decltype(width)::value;
    return in.blur ? run<T, V, true>(in, grad, workspace, stream)
                   : run<T, V, false>(in, grad, workspace, stream);
  });
}

template <class T>
int64_t epilogue_grad_workspace_bytes(const Epilogue<T>& in) {
  int64_t chunks = 0;
  for (int V : {1, int(kWide<T>)}) {
    chunks = maximum(chunks, maximum(strips_of(in, V).chunks(), dx_strips(in, V).chunks()));
  }
  return in.channels * in.images * chunks * int64_t{sizeof(Sums<2, 1>)};
}

#define FOR_TYPE(T)                                                                     \
  template cudaError_t epilogue_grad(const Epilogue<T>&, const EpilogueGrad<T>&, void*, \
                                     cudaStream_t);                                     \
  template int64_t epilogue_grad_workspace_bytes(const Epilogue<T>&);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
