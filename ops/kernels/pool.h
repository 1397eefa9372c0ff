// A thread pool, since TensorFlow's C API gives no access to its own.
#pragma once

#include <cstdint>

namespace stylegan {

// Calls body(0) … body(tasks - 1) on several threads and returns when all are done. Work on fewer
// than `kSmall` elements in all stays on the calling thread. If a task throws, in whichever thread,
// this throws std::bad_alloc, or std::runtime_error with its message, once no other task runs.
constexpr int64_t kSmall = 1 << 15;

void run_tasks(int64_t tasks, int64_t elements, void (*body)(const void*, int64_t),
               const void* context);

template <class Body>
void parallel(int64_t tasks, int64_t elements, const Body& body) {
  const auto call = [](const void* context, int64_t task) {
    (*static_cast<const Body*>(context))(task);
  };
  run_tasks(tasks, elements, call, &body);
}

}  // namespace stylegan
