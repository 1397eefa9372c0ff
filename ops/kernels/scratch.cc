#include "scratch.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "framework.h"

namespace stylegan {
namespace {

constexpr int64_t kPage = 2 << 20;

struct Memory {
  float* data;
  int64_t size;
};

// The buffers that no call uses: at most as many as there were calls at the same time.
struct FreeList {
  std::mutex mutex;
  std::vector<Memory> free;

  Memory take() {
    std::lock_guard<std::mutex> lock(mutex);
    if (free.empty()) return {nullptr, 0};
    const Memory last = free.back();
    free.pop_back();
    return last;
  }
  void give(Memory memory) noexcept {
    std::lock_guard<std::mutex> lock(mutex);
    try {
      free.push_back(memory);
    } catch (const std::bad_alloc&) {
      std::free(memory.data);
    }
  }
};

// Never destroyed, since the threads of the pool are not.
FreeList& free_list() {
  static FreeList* const instance = new FreeList;
  return *instance;
}

}  // namespace

Scratch::Scratch(int64_t numbers) {
  Memory memory = free_list().take();
  if (memory.size < numbers) {
    std::free(memory.data);
    constexpr int64_t kNumber = sizeof(float);
    const int64_t bytes = (numbers * kNumber + kPage - 1) / kPage * kPage;
    memory = {static_cast<float*>(std::aligned_alloc(kPage, bytes)), bytes / kNumber};
    if (memory.data == nullptr) throw std::bad_alloc();
    advise_huge_pages(reinterpret_cast<char*>(memory.data), bytes);
  }
  memory_ = next_ = memory.data, size_ = memory.size;
}

Scratch::~Scratch() { free_list().give({memory_, size_}); }

}  // namespace stylegan
