// The blur. Every pixel is read once from memory; for its neighbours it comes from the caches.
#include "launchers.h"
#include "sources.h"

namespace stylegan {
namespace {

template <class T, int V>
__global__ void __launch_bounds__(kThreads, 3)
    blur_kernel(const T* __restrict__ x, T* __restrict__ y, Strips s) {
  const Walk walk(s, V);
  if (!walk.inside) return;
  Blurred<T, V> source(x, s, walk, walk.begin, walk.end);
#pragma unroll 1
  for (int64_t row = walk.begin; row < walk.end; ++row) {
    float blurred[V];
    source.next(blurred);
    store(y + walk.offset(s, row), blurred);
  }
}

}  // namespace

template <class T>
cudaError_t blur(const T* x, T* y, int64_t images, int64_t height, int64_t width, int64_t channels,
                 cudaStream_t stream) {
  return with_vectors<kWide<T>>(channels, {x, y}, [&](auto elements) {
    constexpr int V = decltype(elements)::value;
    const Strips s = strips_of(images, height, width, channels, V);
    return launch(blur_kernel<T, V>, s.blocks(), stream, x, y, s);
  });
}

#define FOR_TYPE(T) \
  template cudaError_t blur(const T*, T*, int64_t, int64_t, int64_t, int64_t, cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
