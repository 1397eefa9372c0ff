// Runs blocks one after another and their threads as fibers, both in an order that a seed shuffles.
// A fiber switches where its thread waits for others. A barrier that some threads do not reach is
// an error.
#pragma once

#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

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

// Fibers start by setcontext and switch by longjmp, which is far faster, since it makes no system
// call.
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

// Lets threads [begin, end) go on if all wait in the same line, and returns whether they do.
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
      thread->started = thread->odd = false;
    }
    machine.shared.clear();
    blockIdx.x = block;
    run_block();
  }
}

}  // namespace stylegan::emulation
