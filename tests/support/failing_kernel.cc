// An op for tests of the pool: counts its tasks, unless one of them throws.
#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>

#include "framework.h"
#include "pool.h"

namespace stylegan {
namespace {

enum Where { kNowhere, kCaller, kHelper };
enum What { kBadAlloc, kError, kNumber };

[[noreturn]] void fail(int what) {
  if (what == kBadAlloc) throw std::bad_alloc();
  if (what == kError) throw std::runtime_error("the reason");
  throw 7;
}

template <class T>
struct Failing {
  int where, what, elements;
  explicit Failing(Attributes& attributes)
      : where(attributes.integer("where")),
        what(attributes.integer("what")),
        elements(attributes.integer("elements")) {}

  void compute(Context& context) const {
    float* count = context.output<float>(0, {});
    const std::thread::id caller = std::this_thread::get_id();
    std::atomic<int> done{0};
    std::atomic<bool> thrown{false};
    parallel(100, elements, [&](int64_t) {
      const bool is_chosen = (std::this_thread::get_id() == caller) == (where == kCaller);
      if (where != kNowhere && is_chosen) {
        thrown = true;
        fail(what);
      }
      // The other threads leave tasks for the one that is to throw.
      while (where != kNowhere && !thrown) std::this_thread::yield();
      ++done;
    });
    *count = float(done);
  }
};

const int registered =
    register_all<Failing>("StyleganFailing", {"x: T"}, {"y: float"},
                          {"where: int", "what: int", "elements: int"}, Result::kOther);

}  // namespace
}  // namespace stylegan
