#include "pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace stylegan {
namespace {

// What is kept of an exception for another thread. Code that uses std::exception_ptr, compiled with
// GCC 11 or newer, does not load with the libstdc++ of the older systems that TensorFlow supports.
enum class Failure { kNone, kOutOfMemory, kOther };

struct Job {
  void (*body)(const void*, int64_t);
  const void* context;
  int64_t tasks;
  std::atomic<int64_t> next{0};
  int helpers = 0;  // threads of the pool that work on it; guarded by the pool's mutex
  std::atomic<bool> failed{false};
  Failure failure = Failure::kNone;  // of the first task that threw; read when no thread is at work
  char message[200] = "";
};

void fail(Job& job, Failure failure, const char* message) noexcept {
  job.next.store(job.tasks, std::memory_order_relaxed);  // what nobody has begun is left out
  if (job.failed.exchange(true)) return;
  job.failure = failure;
  std::snprintf(job.message, sizeof job.message, "%s", message);
}

int processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// The condition variable of POSIX. Code that calls std::condition_variable::wait, compiled with GCC
// 12 or newer, does not load with the libstdc++ of the older systems that TensorFlow supports.
class Condition {
 public:
  template <class Ready>
  void wait(std::unique_lock<std::mutex>& lock, const Ready& ready) {
    while (!ready()) pthread_cond_wait(&condition_, lock.mutex()->native_handle());
  }
  void notify_all() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

// An exception that left a thread of the pool would end the process, so it is kept for the caller.
void take_tasks(Job& job) noexcept {
  try {
    for (int64_t task; (task = job.next.fetch_add(1, std::memory_order_relaxed)) < job.tasks;)
      job.body(job.context, task);
  } catch (const std::bad_alloc& error) {
    fail(job, Failure::kOutOfMemory, error.what());
  } catch (const std::exception& error) {
    fail(job, Failure::kOther, error.what());
  } catch (...) {
    fail(job, Failure::kOther, "an exception of an unknown type");
  }
}

class Pool {
 public:
  Pool() {
    try {
      for (int i = 1; i < processors(); ++i) std::thread([this] { work(); }).detach();
    } catch (const std::system_error&) {
      // The system gives no more threads: those that there are, and the callers', do the work.
    }
  }

  // The caller works on its own job, the pool's threads on the oldest job that has tasks left.
  void run(Job& job) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(&job);
    }
    wake_.notify_all();
    take_tasks(job);
    // Helpers that have begun finish their tasks; the others can no longer find the job.
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
    const auto position = std::find(jobs_.begin(), jobs_.end(), &job);
    if (position != jobs_.end()) jobs_.erase(position);
  }

  std::mutex mutex_;
  Condition wake_, done_;
  std::vector<Job*> jobs_;  // jobs with tasks left, the oldest first
};

// Never destroyed, since its threads can outlive main.
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
  if (job.failure == Failure::kOutOfMemory) throw std::bad_alloc();
  if (job.failure == Failure::kOther) throw std::runtime_error(job.message);
}

}  // namespace stylegan
