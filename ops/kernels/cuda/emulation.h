// An emulation of a GPU for tests: CUDA's keywords and functions for kernels that are compiled by
// g++ -DSTYLEGAN_EMULATE. Shared memory is filled with NaN when a block begins, and lies on the
// heap, where AddressSanitizer guards it.
#pragma once

#include <cmath>
#include <cstdlib>
#include <cstring>

#include "emulated_machine.h"
#include "emulated_types.h"

#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)
#define __fdividef(a, b) (float(a) / float(b))
#define __fmul_rn(a, b) (float(a) * float(b))
#define __fadd_rn(a, b) (float(a) + float(b))
#define __fmaf_rn(a, b, c) std::fma(float(a), float(b), float(c))
#define __syncthreads() stylegan::emulation::wait(stylegan::emulation::State::kBlock, __LINE__)
#define __shfl_xor_sync(mask, value, offset) \
  stylegan::emulation::exchange(mask, value, (threadIdx.x % 32) ^ unsigned(offset), __LINE__)
#define __shfl_sync(mask, value, lane) \
  stylegan::emulation::exchange(mask, value, unsigned(lane) % 32, __LINE__)
#define __ballot_sync(mask, predicate) stylegan::emulation::ballot(mask, bool(predicate), __LINE__)
#define STYLEGAN_SHARED(Array, name) \
  static char name##_key;            \
  auto& name = stylegan::emulation::shared<Array>(&name##_key)
#define STYLEGAN_LAUNCH(kernel, blocks, threads, stream, ...) \
  stylegan::emulation::launch(blocks, threads, stream, [=] { kernel(__VA_ARGS__); })

namespace stylegan::emulation {

// Returns the value of lane `from` of the warp. The threads wait for each other once: the next
// exchange uses the other slots, and the one after it begins when all threads have read these.
template <class T>
T exchange(unsigned mask, T value, unsigned from, int line) {
  if (mask != 0xffffffffu) machine.error = "only whole warps exchange in the emulation";
  auto& slots = machine.slots[machine.current().odd ^= true][threadIdx.x / 32];
  std::memcpy(&slots[threadIdx.x % 32], &value, sizeof value);
  wait(State::kWarp, line);
  std::memcpy(&value, &slots[from], sizeof value);
  return value;
}

inline unsigned ballot(unsigned mask, bool predicate, int line) {
  exchange(mask, uint64_t{predicate}, 0, line);
  const auto& slots = machine.slots[machine.current().odd][threadIdx.x / 32];
  unsigned all = 0;
  for (int i = 0; i < 32; ++i) all |= unsigned(slots[i] & 1) << i;
  return all;
}

template <class Array>
Array& shared(const void* key) {
  auto& memory = machine.shared[key];
  if (!memory) {
    memory.reset(std::malloc(sizeof(Array)), std::free);
    std::memset(memory.get(), 0xff, sizeof(Array));
  }
  return *static_cast<Array*>(memory.get());
}

}  // namespace stylegan::emulation

using cudaStream_t = void*;
enum cudaError_t { cudaSuccess, cudaErrorInvalidConfiguration = 9, cudaErrorLaunchFailure = 719 };

// `machine.error` keeps the text until the next launches.
inline cudaError_t cudaGetLastError() {
  return stylegan::emulation::machine.error.empty() ? cudaSuccess : cudaErrorLaunchFailure;
}
inline const char* cudaGetErrorString(cudaError_t) {
  return stylegan::emulation::machine.error.c_str();
}
