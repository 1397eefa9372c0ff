// Kernels with the mistakes that the emulation must notice, and right ones beside them.
#include "device.h"

namespace {

using namespace stylegan;

template <bool kBarrier>
__global__ void reverse(const float* from, float* to) {
  STYLEGAN_SHARED(float[kThreads], values);
  values[threadIdx.x] = from[threadIdx.x];
  if (kBarrier) __syncthreads();
  to[threadIdx.x] = values[kThreads - 1 - threadIdx.x];
}

__global__ void some_leave() {
  if (threadIdx.x < 7) return;
  __syncthreads();
}

__global__ void one_lane_leaves(float* to) {
  if (threadIdx.x == 3) return;
  to[threadIdx.x] = __shfl_xor_sync(kWholeWarp, 1.0f, 1);
}

__global__ void two_barriers() {
  if (threadIdx.x < kWarp) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

__global__ void past_shared(float* to) {
  STYLEGAN_SHARED(float[kThreads], values);
  values[threadIdx.x + 1] = 0;
  to[threadIdx.x] = values[threadIdx.x];
}

__global__ void past_end(float* to) { to[threadIdx.x + 1] = 0; }

__global__ void votes(float* to) {
  const unsigned even = __ballot_sync(kWholeWarp, threadIdx.x % 2 == 0);
  to[threadIdx.x] = float(even & 0xff) + __shfl_sync(kWholeWarp, float(threadIdx.x), 5);
}

}  // namespace

extern "C" {

int emulated_reverse(int, const float* from, float* to, int barrier) {
  return launch(barrier ? reverse<true> : reverse<false>, 1, nullptr, from, to);
}
int emulated_some_leave(int) { return launch(some_leave, 1, nullptr); }
int emulated_one_lane_leaves(int, float* to) { return launch(one_lane_leaves, 1, nullptr, to); }
int emulated_two_barriers(int) { return launch(two_barriers, 1, nullptr); }
int emulated_past_shared(int, float* to) { return launch(past_shared, 1, nullptr, to); }
int emulated_past_end(int, float* to) { return launch(past_end, 1, nullptr, to); }
int emulated_votes(int, float* to) { return launch(votes, 1, nullptr, to); }

void emulated_seed(uint64_t seed) { emulation::machine.random.seed(seed); }

const char* emulated_error() {
  static std::string last;
  last = emulation::machine.error;
  emulation::machine.error.clear();
  return last.c_str();
}

}  // extern "C"
