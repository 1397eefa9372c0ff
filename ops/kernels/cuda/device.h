// The device: a GPU, for code compiled by nvcc, or the emulation, for code compiled by a C++17
// compiler.
#pragma once

#include <cstdint>

#ifdef STYLEGAN_EMULATE
#include "emulation.h"
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace stylegan {
template <class Type>
using Same = Type;  // lets the type of an array stand before its name
}
#define STYLEGAN_SHARED(Array, name) __shared__ stylegan::Same<Array> name
#define STYLEGAN_LAUNCH(kernel, blocks, threads, stream, ...) \
  kernel<<<static_cast<unsigned>(blocks), threads, 0, stream>>>(__VA_ARGS__)
#endif

namespace stylegan {

constexpr int kThreads = 256;  // of every block
constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;
constexpr int kResident = 2;      // blocks that fit on a multiprocessor, with up to 128 registers
constexpr int kManyResident = 4;  // with up to 64 registers, for small kernels
constexpr unsigned kWholeWarp = 0xffffffffu;

// Launches a kernel on `blocks` blocks, which can be 0.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), int64_t blocks, cudaStream_t stream,
                   Arguments... arguments) {
  if (blocks == 0) return cudaSuccess;
  if (blocks < 0 || blocks > INT32_MAX) return cudaErrorInvalidConfiguration;
  STYLEGAN_LAUNCH(kernel, blocks, kThreads, stream, arguments...);
  return cudaGetLastError();
}

template <class Int>
__host__ __device__ constexpr Int ceil_div(Int a, Int b) {
  return (a + b - 1) / b;
}

template <class Int>
__host__ __device__ constexpr Int minimum(Int a, Int b) {
  return a < b ? a : b;
}

template <class Int>
__host__ __device__ constexpr Int maximum(Int a, Int b) {
  return a > b ? a : b;
}

}  // namespace stylegan
