// The kernel of a convolution fused with 2× resampling, and its transpose: both are sums over
// 2×2 neighbours of the matrices [in, out] at each place of the kernel, transposed where asked.
#include "launchers.h"
#include "vectors.h"

namespace stylegan {
namespace {

// At place (i, j) of [places, places] the four matrices from (first(i), first(j)) on are summed,
// those that exist among [size, size]. Each place has blocks of its own: that all of them read the
// same few matrices is for the caches to notice.
struct Window {
  int64_t places, size, rows, columns;  // rows and columns of the matrices that are read
  float scale;
  int64_t origin, direction;

  __host__ __device__ int64_t first(int64_t place) const { return origin + direction * place; }

  // Of this block; those of one part of the matrices follow each other.
  __device__ unsigned place() const { return blockIdx.x % unsigned(places * places); }
  __device__ unsigned part() const { return blockIdx.x / unsigned(places * places); }
};

// The sum at entry `at`; all four are loaded at once, for those that are not there any other.
template <class T, int V>
__device__ inline void sum_four(const Window& window, const T* from, int64_t at, float (&sum)[V]) {
  const unsigned place = window.place(), places = unsigned(window.places);
  const int64_t top = window.first(place / places), left = window.first(place % places);
  Packed<T, V> four[4];
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const int64_t i = greatest<int64_t>(0, least(top + k / 2, window.size - 1));
    const int64_t j = greatest<int64_t>(0, least(left + k % 2, window.size - 1));
    four[k].fetch(from + (i * window.size + j) * window.rows * window.columns + at);
  }
#pragma unroll
  for (int v = 0; v < V; ++v) sum[v] = 0;
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const int64_t i = top + k / 2, j = left + k % 2;
    float values[V];
    four[k].unpack(i >= 0 && i < window.size && j >= 0 && j < window.size, values);
#pragma unroll
    for (int v = 0; v < V; ++v) sum[v] += values[v];
  }
#pragma unroll
  for (int v = 0; v < V; ++v) sum[v] *= window.scale;
}

template <class T, int V>
__global__ void __launch_bounds__(kThreads, kManyResident)
    straight_kernel(Window window, const T* __restrict__ from, T* __restrict__ to) {
  const int64_t entries = window.rows * window.columns;
  const int64_t at = (int64_t{window.part()} * kThreads + threadIdx.x) * V;
  if (at >= entries) return;
  float sum[V];
  sum_four(window, from, at, sum);
  store(to + window.place() * entries + at, sum);
}

// A tile of 32×32 entries goes through shared memory, so that both sides are read and written
// along their rows.
template <class T>
__global__ void __launch_bounds__(kThreads, kManyResident)
    transposing_kernel(Window window, const T* __restrict__ from, T* __restrict__ to) {
  STYLEGAN_SHARED(float[kWarp][kWarp + 1], tile);
  const unsigned across = unsigned(ceil_div<int64_t>(window.columns, kWarp));
  const int64_t row = window.part() / across * kWarp, column = window.part() % across * kWarp;
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
#pragma unroll
  for (int i = warp; i < kWarp; i += kWarps) {
    if (row + i >= window.rows || column + lane >= window.columns) continue;
    float sum[1];
    sum_four(window, from, (row + i) * window.columns + column + lane, sum);
    tile[i][lane] = sum[0];
  }
  __syncthreads();
  T* matrix = to + window.place() * window.rows * window.columns;
#pragma unroll
  for (int i = warp; i < kWarp; i += kWarps) {
    if (column + i >= window.columns || row + lane >= window.rows) continue;
    matrix[(column + i) * window.rows + row + lane] = rounded<T>(tile[lane][i]);
  }
}

template <class T>
cudaError_t sum_windows(const Window& window, bool transposed, const T* from, T* to,
                        cudaStream_t stream) {
  const int64_t places = window.places * window.places;
  if (transposed) {
    const int64_t tiles =
        ceil_div<int64_t>(window.rows, kWarp) * ceil_div<int64_t>(window.columns, kWarp);
    return launch(transposing_kernel<T>, places * tiles, stream, window, from, to);
  }
  const int64_t entries = window.rows * window.columns;
  return with_vectors<kWide<T>>(entries, {from, to}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const int64_t blocks = ceil_div<int64_t>(entries, kThreads * V);
    return launch(straight_kernel<T, V>, places * blocks, stream, window, from, to);
  });
}

}  // namespace

template <class T>
cudaError_t shifted_kernel(const Shifts& how, const T* w, T* summed, cudaStream_t stream) {
  // Straight: places i - 1 and i of w; flipped: places size - 1 - i and size - i.
  const int64_t origin = how.transposed ? how.size - 1 : -1, direction = how.transposed ? -1 : 1;
  const Window window{how.size + 1, how.size, how.in, how.out, how.scale, origin, direction};
  return sum_windows(window, how.transposed, w, summed, stream);
}

template <class T>
cudaError_t shifted_kernel_grad(const Shifts& how, const T* g, T* dw, cudaStream_t stream) {
  const int64_t origin = how.transposed ? how.size - 1 : 0, direction = how.transposed ? -1 : 1;
  const int64_t rows = how.transposed ? how.out : how.in;
  const int64_t columns = how.transposed ? how.in : how.out;
  const Window window{how.size, how.size + 1, rows, columns, how.scale, origin, direction};
  return sum_windows(window, how.transposed, g, dw, stream);
}

#define FOR_TYPE(T)                                                               \
  template cudaError_t shifted_kernel(const Shifts&, const T*, T*, cudaStream_t); \
  template cudaError_t shifted_kernel_grad(const Shifts&, const T*, T*, cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
