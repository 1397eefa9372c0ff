// The kernel of a convolution from stored weights, and the transpose of that linear map. For a
// convolution that is fused with 2× resampling both sum the matrices [in, out] of 2×2 neighbouring
// places of the kernel, else they take one. They can transpose the matrices.
#include "launchers.h"
#include "vectors.h"

namespace stylegan {
namespace {

// Place (i, j) of [places, places] is the sum of the matrices from (first(i), first(j)) on that
// exist in [size, size]. Each place has blocks of its own; they read the same few matrices, which
// the caches hold.
struct Window {
  int64_t places, size, rows, columns;  // rows and columns of the matrices that are read
  float before, after;                  // factors of each element, and of the sum
  int64_t origin, direction;

  __host__ __device__ int64_t first(int64_t place) const { return origin + direction * place; }

  // The place and part of this block. The blocks of a part follow each other.
  __device__ unsigned place() const { return blockIdx.x % unsigned(places * places); }
  __device__ unsigned part() const { return blockIdx.x / unsigned(places * places); }
};

// Computes the sum of kSide² elements at entry `at`. All are loaded at once; one that does not
// exist is replaced by another, and counts as 0. Products are rounded by themselves, as
// TensorFlow's product with the factor is.
template <int kSide, class T, int V>
__device__ inline void sum_up(const Window& window, const T* from, int64_t at, float (&sum)[V]) {
  constexpr int kCount = kSide * kSide;
  const unsigned place = window.place(), places = unsigned(window.places);
  const int64_t top = window.first(place / places), left = window.first(place % places);
  Packed<T, V> packed[kCount];
#pragma unroll
  for (int k = 0; k < kCount; ++k) {
    const int64_t i = maximum<int64_t>(0, minimum(top + k / kSide, window.size - 1));
    const int64_t j = maximum<int64_t>(0, minimum(left + k % kSide, window.size - 1));
    packed[k].fetch(from + (i * window.size + j) * window.rows * window.columns + at);
  }
#pragma unroll
  for (int v = 0; v < V; ++v) sum[v] = 0;
#pragma unroll
  for (int k = 0; k < kCount; ++k) {
    const int64_t i = top + k / kSide, j = left + k % kSide;
    float values[V];
    packed[k].unpack(i >= 0 && i < window.size && j >= 0 && j < window.size, values);
#pragma unroll
    for (int v = 0; v < V; ++v) sum[v] += __fmul_rn(values[v], window.before);
  }
#pragma unroll
  for (int v = 0; v < V; ++v) sum[v] *= window.after;
}

template <class From, class To, int V, int kSide>
__global__ void __launch_bounds__(kThreads, kManyResident)
    straight_kernel(Window window, const From* __restrict__ from, To* __restrict__ to) {
  const int64_t entries = window.rows * window.columns;
  const int64_t at = (int64_t{window.part()} * kThreads + threadIdx.x) * V;
  if (at >= entries) return;
  float sum[V];
  sum_up<kSide>(window, from, at, sum);
  store(to + window.place() * entries + at, sum);
}

// A tile of 32×32 entries goes through shared memory, so that both sides are read and written
// along their rows.
template <class From, class To, int kSide>
__global__ void __launch_bounds__(kThreads, kManyResident)
    transposing_kernel(Window window, const From* __restrict__ from, To* __restrict__ to) {
  STYLEGAN_SHARED(float[kWarp][kWarp + 1], tile);
  const unsigned across = unsigned(ceil_div<int64_t>(window.columns, kWarp));
  const int64_t row = window.part() / across * kWarp, column = window.part() % across * kWarp;
  const int lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
#pragma unroll
  for (int i = warp; i < kWarp; i += kWarps) {
    if (row + i >= window.rows || column + lane >= window.columns) continue;
    float sum[1];
    sum_up<kSide>(window, from, (row + i) * window.columns + column + lane, sum);
    tile[i][lane] = sum[0];
  }
  __syncthreads();
  To* matrix = to + window.place() * window.rows * window.columns;
#pragma unroll
  for (int i = warp; i < kWarp; i += kWarps) {
    if (column + i >= window.columns || row + lane >= window.rows) continue;
    matrix[(column + i) * window.rows + row + lane] = rounded<To>(tile[lane][i]);
  }
}

template <int kSide, class From, class To>
cudaError_t sum_windows(const Window& window, bool transposed, const From* from, To* to,
                        cudaStream_t stream) {
  const int64_t places = window.places * window.places;
  if (transposed) {
    const int64_t tiles =
        ceil_div<int64_t>(window.rows, kWarp) * ceil_div<int64_t>(window.columns, kWarp);
    return launch(transposing_kernel<From, To, kSide>, places * tiles, stream, window, from, to);
  }
  const int64_t entries = window.rows * window.columns;
  return with_vectors<kWide<float>>(entries, {from, to}, [&](auto width) {
    constexpr int V = decltype(width)::value;
    const int64_t blocks = ceil_div<int64_t>(entries, kThreads * V);
    return launch(straight_kernel<From, To, V, kSide>, places * blocks, stream, window, from, to);
  });
}

template <class From, class To>
cudaError_t sum_windows(const ConvKernel& how, const Window& window, const From* from, To* to,
                        cudaStream_t stream) {
  return how.shifts == 1 ? sum_windows<1>(window, how.transposed, from, to, stream)
                         : sum_windows<2>(window, how.transposed, from, to, stream);
}

}  // namespace

template <class T>
cudaError_t conv_kernel(const ConvKernel& how, const float* w, T* kernel, cudaStream_t stream) {
  // Two shifts, straight: places i - 1 and i of w; flipped: places size - 1 - i and size - i.
  const int64_t origin = how.transposed ? how.size - 1 : 1 - how.shifts;
  const int64_t direction = how.transposed ? -1 : 1, places = how.size + how.shifts - 1;
  const Window window{places, how.size, how.in, how.out, how.scale, 1.0f, origin, direction};
  return sum_windows(how, window, w, kernel, stream);
}

template <class T>
cudaError_t conv_kernel_grad(const ConvKernel& how, const T* g, float* dw, cudaStream_t stream) {
  const int64_t origin = how.transposed ? how.size - 1 : 0, direction = how.transposed ? -1 : 1;
  const int64_t rows = how.transposed ? how.out : how.in, size = how.size + how.shifts - 1;
  const int64_t columns = how.transposed ? how.in : how.out;
  const Window window{how.size, size, rows, columns, 1.0f, how.scale, origin, direction};
  return sum_windows(how, window, g, dw, stream);
}

#define FOR_TYPE(T)                                                                        \
  template cudaError_t conv_kernel(const ConvKernel&, const float*, T*, cudaStream_t);     \
  template cudaError_t conv_kernel_grad(const ConvKernel&, const T*, float*, cudaStream_t);
FOR_TYPE(float)
FOR_TYPE(__nv_bfloat16)
FOR_TYPE(__half)

}  // namespace stylegan
