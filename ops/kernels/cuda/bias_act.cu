// Noise, bias, leaky ReLU, gain and clamp, their gradient, and the gradient of that. Each reads its
// inputs once and writes its output once; the gradient also sums those of the bias and the noise.
#include "launchers.h"
#include "reduce.h"
#include "vectors.h"

namespace stylegan {
namespace {

// What is added to the pixels of a thread's column: noise·strength to all of its channels, and the
// bias of each.
template <int V, bool kNoise>
class Offsets {
 public:
  __device__ Offsets(const Added& added, const Strips& s, const Walk& walk) : step_(s.width) {
    load(added.bias + walk.channel, bias_);
    if (!kNoise) return;
    strength_ = added.strength == nullptr ? 1 : __ldg(added.strength);
    noise_ = added.noise + (added.noise_images > 1 ? walk.image * s.pixels : 0) + walk.x;
  }

  __device__ void add(float (&z)[V], int64_t row) const {
    const float noise = kNoise ? __ldg(noise_ + row * step_) * strength_ : 0;
#pragma unroll
    for (int v = 0; v < V; ++v) z[v] += kNoise ? bias_[v] + noise : bias_[v];
  }

 private:
  int64_t step_;
  const float* noise_;
  float strength_, bias_[V];
};

// What follows the leaky ReLU. The bound is rounded to the type of y, so that y tells what is
// clamped.
template <class T>
class Bounded {
 public:
  __device__ explicit Bounded(const Activation& how)
      : gain_(how.gain), clamp_(as_float(rounded<T>(how.clamp))) {}

  __device__ float value(float z) const {
    const float y = leaky_relu(z) * gain_;
    return y > clamp_ ? clamp_ : y < -clamp_ ? -clamp_ : y;
  }

  __device__ float derivative(float y) const {
    return y >= clamp_ || y <= -clamp_ ? 0 : slope(y) * gain_;
  }

 private:
  float gain_, clamp_;
};

template <class T, int V, bool kNoise>
__global__ void __launch_bounds__(kThreads, kManyResident)
    bias_act_kernel(Activation how, Added added, const T* __restrict__ x, T* __restrict__ y,
                    Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  const Offsets<V, kNoise> offsets(added, s, walk);
  const Bounded<T> bounded(how);
  const int64_t end = walk.last(s);
#pragma unroll(kNoise ? 4 : 8)
  for (int64_t row = walk.begin; row < end; ++row) {
    const int64_t at = walk.offset(s, row);
    float z[V];
    load(x + at, z);
    offsets.add(z, row);
#pragma unroll
    for (int v = 0; v < V; ++v) z[v] = bounded.value(z[v]);
    store(y + at, z);
  }
}

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    bias_act_grad_kernel(Activation how, const T* __restrict__ dy, const T* __restrict__ y,
                         T* __restrict__ dx, Sums<1, 1>* __restrict__ partials, Strips s) {
  const Walk walk(s, V);
  const Bounded<T> bounded(how);
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
      g[v] *= bounded.derivative(activated[v]);
      total.sums[0][v] += g[v];
    }
    store(dx + at, g);
  }
  store_partials<V>(total, s, walk, partials);
}

// The same with the sums over the channels of each pixel: tiles [column tiles, images, pixels], one
// for each block that has channels of it. The threads of a pixel are lanes of a warp, which
// exchange in every row; those without a pixel there load the nearest one, which counts as zero.
template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    bias_act_noise_grad_kernel(Activation how, const T* __restrict__ dy, const T* __restrict__ y,
                               T* __restrict__ dx, Sums<1, 1>* __restrict__ partials,
                               float* __restrict__ tiles, Strips s) {
  const Walk walk(s, V);
  const Walk near = walk.clamped(s, V);
  const Bounded<T> bounded(how);
  const int lanes = 1 << s.lanes_log2;
  const bool first = (int(threadIdx.x) & (lanes - 1)) == 0;
  float* sums = tiles + (blockIdx.x % s.column_tiles * s.images + walk.image) * s.pixels;
  Sums<1, V> total;
#pragma unroll 2
  for (int64_t row = walk.begin; row < walk.end; ++row) {
    const int64_t pixel = row * s.width + walk.x;
    const bool there = walk.inside && pixel < s.pixels;
    const int64_t loaded = minimum(row * s.width + near.x, s.pixels - 1);
    const int64_t at = (walk.image * s.pixels + loaded) * s.channels + near.channel;
    float g[V], activated[V], sum = 0;
    load(dy + at, g);
    load(y + at, activated);
#pragma unroll
    for (int v = 0; v < V; ++v) {
      g[v] = there ? g[v] * bounded.derivative(activated[v]) : 0;
      total.sums[0][v] += g[v];
      sum += g[v];
    }
    if (there) store(dx + at, g);
    for (int offset = 1; offset < lanes; offset *= 2) {
      sum += __shfl_xor_sync(kWholeWarp, sum, offset);
    }
    if (there && first) sums[pixel] = sum;
  }
  store_partials<V>(total, s, walk, partials);
}

template <class T, int V, bool kNoise>
__global__ void __launch_bounds__(kThreads, kManyResident)
    masked_bias_kernel(Activation how, Added added, const T* __restrict__ g,
                       const T* __restrict__ y, T* __restrict__ dx, Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  const Offsets<V, kNoise> offsets(added, s, walk);
  const Bounded<T> bounded(how);
  const int64_t end = walk.last(s);
#pragma unroll(kNoise || V > 4 ? 2 : 4)
  for (int64_t row = walk.begin; row < end; ++row) {
    const int64_t at = walk.offset(s, row);
    float z[V], activated[V];
    load(g + at, z);
    load(y + at, activated);
    offsets.add(z, row);
#pragma unroll
    for (int v = 0; v < V; ++v) z[v] *= bounded.derivative(activated[v]);
    store(dx + at, z);
  }
}

// Adds up the tiles of each pixel.
__global__ void __launch_bounds__(kThreads, kManyResident)
    pixel_sums_kernel(const float* __restrict__ tiles, int64_t count, int64_t pixels,
                      float* __restrict__ sums) {
  const int64_t pixel = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (pixel >= pixels) return;
  float sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += __ldg(tiles + i * pixels + pixel);
  sums[pixel] = sum;
}

struct StoreSum {
  float* sums;
  __device__ void operator()(int64_t channel, const Sums<1, 1>& total) const {
    sums[channel] = total.sums[0][0];
  }
};

Strips strips_of(const Activation& how, int V) {
  return flat_strips(how.images, how.pixels, how.channels, V);
}

int64_t partial_sums(const Strips& s) { return s.channels * s.images * s.chunks(); }

template <class T, int V>
cudaError_t noise_grad(const Activation& how, const T* dy, const T* y, T* dx, float* dnoise,
                       Sums<1, 1>* partials, const Strips& s, cudaStream_t stream) {
  const bool several = s.column_tiles > 1;
  float* tiles = several ? reinterpret_cast<float*>(partials + partial_sums(s)) : dnoise;
  const cudaError_t error = launch(bias_act_noise_grad_kernel<T, V>, s.blocks(), stream, how, dy,
                                   y, dx, partials, tiles, s);
  if (error != cudaSuccess || !several) return error;
  const int64_t pixels = s.images * s.pixels;
  return launch(pixel_sums_kernel, ceil_div<int64_t>(pixels, kThreads), stream, tiles,
                int64_t{s.column_tiles}, pixels, dnoise);
}

}  // namespace

template <class T>
cudaError_t bias_act(const Activation& how, const Added& added, const T* x, T* y,
                     cudaStream_t stream) {
  return with_vectors<kWide<T>>(how.channels, {x, added.bias, y}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = strips_of(how, V);
    const auto kernel = added.noise_images ? bias_act_kernel<T, V, true>
                                           : bias_act_kernel<T, V, false>;
    return launch(kernel, s.blocks(), stream, how, added, x, y, s);
  });
}

template <class T>
cudaError_t bias_act_grad(const Activation& how, const T* dy, const T* y, T* dx, float* dbias,
                          float* dnoise, void* workspace, cudaStream_t stream) {
  return with_vectors<kWide<T>>(how.channels, {dy, y, dx}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = strips_of(how, V);
    auto* partials = static_cast<Sums<1, 1>*>(workspace);
    const cudaError_t error =
        dnoise == nullptr
            ? launch(bias_act_grad_kernel<T, V>, s.blocks(), stream, how, dy, y, dx, partials, s)
            : noise_grad<T, V>(how, dy, y, dx, dnoise, partials, s, stream);
    if (error != cudaSuccess) return error;
    const int64_t blocks = s.images * s.chunks();
    return finish_partials(partials, s.channels, blocks, StoreSum{dbias}, stream);
  });
}

template <class T>
int64_t bias_act_grad_workspace_bytes(const Activation& how, bool noise) {
  const auto bytes = [&](int V) {
    const Strips s = strips_of(how, V);
    const int64_t tiles = noise && s.column_tiles > 1 ? s.column_tiles * s.images * s.pixels : 0;
    return partial_sums(s) * int64_t{sizeof(Sums<1, 1>)} + tiles * int64_t{sizeof(float)};
  };
  return maximum(bytes(1), bytes(kWide<T>));
}

template <class T>
cudaError_t masked_bias(const Activation& how, const Added& added, const T* g, const T* y, T* dx,
                        cudaStream_t stream) {
  return with_vectors<kWide<T>>(how.channels, {g, added.bias, y, dx}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const Strips s = strips_of(how, V);
    const auto kernel = added.noise_images ? masked_bias_kernel<T, V, true>
                                           : masked_bias_kernel<T, V, false>;
    return launch(kernel, s.blocks(), stream, how, added, g, y, dx, s);
  });
}

#define FOR_TYPE(T)                                                                               \
  template cudaError_t bias_act(const Activation&, const Added&, const T*, T*, cudaStream_t);     \
  template cudaError_t bias_act_grad(const Activation&, const T*, const T*, T*, float*, float*,   \
                                     void*, cudaStream_t);                                        \
  template int64_t bias_act_grad_workspace_bytes<T>(const Activation&, bool);                     \
  template cudaError_t masked_bias(const Activation&, const Added&, const T*, const T*, T*,       \
                                   cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
