// A GPU on the CPU, for tests: the kernels compiled by g++ -DSTYLEGAN_EMULATE. Blocks run one after
// another, their threads as fibers that switch where they wait for each other, both in an order
// that a seed shuffles. Shared memory is full of NaN when a block begins, and on the heap, where
// AddressSanitizer guards it. A barrier that some threads do not reach is an error.
#pragma once

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "emulated_types.h"

#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)
#define __syncthreads() stylegan::emulation::wait(stylegan::emulation::State::kBlock, __LINE__)
#define __shfl_xor_sync(mask, value, offset) \
  stylegan::emulation::exchange(mask, value, (threadIdx.x % 32) ^ unsigned(offset), __LINE__)
#define __shfl_sync(mask, value, lane) \
  stylegan::emulation::exchange(mask, value, unsigned(lane) % 32, __LINE__)
#define __ballot_sync(mask, predicate) \
  stylegan::emulation::ballot(mask, bool(predicate), __LINE__)
#define STYLEGAN_SHARED(Array, name) \
  static char name##_key;            \
  auto& name = stylegan::emulation::shared<Array>(&name##_key)
#define STYLEGAN_LAUNCH(kernel, blocks, threads, stream, ...) \
  stylegan::emulation::launch(blocks, threads, stream, [=] { kernel(__VA_ARGS__); })

struct Index {
  unsigned x = 0, y = 0, z = 0;
};
inline Index threadIdx, blockIdx, blockDim{1, 1, 1}, gridDim{1, 1, 1};

namespace stylegan::emulation {

enum class State { kReady, kWarp, kBlock, kDone };

struct Thread {
  State state = State::kReady;
  int line = 0;  // where it waits
  bool started = false, odd = false;
  jmp_buf here;
  ucontext_t context;
  std::vector<char> stack = std::vector<char>(1 << 16);
};

struct Machine {
  std::vector<std::unique_ptr<Thread>> threads;
  std::vector<std::array<uint64_t, 32>> slots[2];  // what warps exchange; two take turns
  std::map<const void*, std::shared_ptr<void>> shared;
  std::function<void()> body;
  std::mt19937_64 random;
  jmp_buf scheduler;
  std::string error;

  Thread& current() { return *threads[threadIdx.x]; }
};
inline Machine machine;

// Fibers start by setcontext and switch by longjmp, which is far faster: it makes no system call.
inline void wait(State state, int line) {
  Thread& thread = machine.current();
  thread.state = state;
  thread.line = line;
  if (!_setjmp(thread.here)) _longjmp(machine.scheduler, 1);
}

inline void start() {
  machine.body();
  wait(State::kDone, 0);
}

inline void resume(unsigned index) {
  threadIdx.x = index;
  Thread& thread = machine.current();
  if (_setjmp(machine.scheduler)) return;
  if (thread.started) _longjmp(thread.here, 1);
  thread.started = true;
  getcontext(&thread.context);
  thread.context.uc_stack.ss_sp = thread.stack.data();
  thread.context.uc_stack.ss_size = thread.stack.size();
  makecontext(&thread.context, start, 0);
  setcontext(&thread.context);
}

// Whether threads [begin, end) all wait in the same line; then they go on.
inline bool release(State state, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    const Thread& thread = *machine.threads[i];
    if (thread.state != state || thread.line != machine.threads[begin]->line) return false;
  }
  for (size_t i = begin; i < end; ++i) machine.threads[i]->state = State::kReady;
  return true;
}

inline std::string divergence() {
  size_t count[4] = {};
  for (const auto& thread : machine.threads) ++count[int(thread->state)];
  char text[160];
  std::snprintf(text, sizeof text,
                "divergent threads in block %u: %zu wait at __syncthreads, %zu for their warp, "
                "%zu have left the kernel",
                blockIdx.x, count[int(State::kBlock)], count[int(State::kWarp)],
                count[int(State::kDone)]);
  return text;
}

inline void run_block() {
  const size_t size = blockDim.x;
  std::vector<unsigned> order(size);
  std::iota(order.begin(), order.end(), 0u);
  while (true) {
    std::shuffle(order.begin(), order.end(), machine.random);
    for (unsigned index : order) {
      if (machine.threads[index]->state == State::kReady) resume(index);
    }
    bool released = release(State::kBlock, 0, size);
    for (size_t i = 0; i < size; i += 32) {
      released |= release(State::kWarp, i, std::min(i + 32, size));
    }
    if (released) continue;
    if (!release(State::kDone, 0, size)) machine.error = divergence();
    return;
  }
}

inline void launch(int64_t blocks, unsigned threads, void*, std::function<void()> body) {
  std::vector<unsigned> order(blocks);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), machine.random);
  machine.body = std::move(body);
  gridDim.x = unsigned(blocks);
  blockDim.x = threads;
  while (machine.threads.size() < threads) machine.threads.push_back(std::make_unique<Thread>());
  machine.threads.resize(threads);
  for (auto& slots : machine.slots) slots.resize((threads + 31) / 32);
  for (unsigned block : order) {
    if (!machine.error.empty()) return;
    for (auto& thread : machine.threads) {
      thread->state = State::kReady;
      thread->started = false;
    }
    machine.shared.clear();
    blockIdx.x = block;
    run_block();
  }
}

// What lane `from` of the warp gives. The threads wait for each other once: the next exchange goes
// through the other slots, and the one after it comes when all have read these.
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

// The text stays in `machine.error` until the next launches are asked for.
inline cudaError_t cudaGetLastError() {
  return stylegan::emulation::machine.error.empty() ? cudaSuccess : cudaErrorLaunchFailure;
}
