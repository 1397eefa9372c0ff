#include "pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

// A function that recent C++ libraries keep in their .so. With our own, and Condition below, the
// library runs wherever TensorFlow does, though it was built on a newer system.
namespace std {
void __throw_bad_array_new_length() { throw std::bad_alloc(); }
}  // namespace std

namespace stylegan {
namespace {

struct Job {
  void (*body)(const void*, int64_t);
  const void* context;
  int64_t tasks;
  std::atomic<int64_t> next{0};
  int helpers = 0;  // threads that are inside; guarded by the pool's mutex
};

int processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// std::condition_variable, but for its wait: that one is tied to a recent C++ library.
class Condition : public std::condition_variable {
 public:
  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, const Ready& ready) {
    while (!ready()) pthread_cond_wait(native_handle(), lock.mutex()->native_handle());
  }
};

void take_tasks(Job& job) {
  for (int64_t task; (task = job.next.fetch_add(1, std::memory_order_relaxed)) < job.tasks;)
    job.body(job.context, task);
}

class Pool {
 public:
  Pool() {
    for (int i = 1; i < processors(); ++i) std::thread([this] { work(); }).detach();
  }

  // The caller works on its own job; the pool's threads on the oldest that has tasks left.
  void run(Job& job) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(&job);
    }
    wake_.notify_all();
    take_tasks(job);
    // The helpers that came finish their tasks; those that did not wake up in time never see it.
    std::unique_lock<std::mutex> lock(mutex_);
    remove(job);
    done_.wait(lock, [&] { return job.helpers == 0; });
  }

 private:
  void work() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return !jobs_.empty(); });
      Job& job = *jobs_.front();
      ++job.helpers;
      lock.unlock();
      take_tasks(job);
      lock.lock();
      remove(job);  // all of its tasks are taken
      if (--job.helpers == 0) done_.notify_all();
    }
  }

  void remove(const Job& job) {
    const auto found = std::find(jobs_.begin(), jobs_.end(), &job);
    if (found != jobs_.end()) jobs_.erase(found);
  }

  std::mutex mutex_;
  Condition wake_, done_;
  std::vector<Job*> jobs_;  // that threads can help with
};

// Never destroyed: its threads may outlive the end of main.
Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

}  // namespace

void run_tasks(int64_t tasks, int64_t elements, void (*body)(const void*, int64_t),
               const void* context) {
  Job job{body, context, tasks};
  if (tasks < 2 || elements < kSmall) take_tasks(job);
  else pool().run(job);
}

}  // namespace stylegan
