// The 3×3 binomial filter. It is its own gradient, since its kernel is symmetric and the padding is
// zero.
#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

template <class T>
void blur_rows(const T* image, T* out, const Extent& e, int64_t begin, int64_t end) {
  InputRows<T> in(image, e);
  OutputRows<T> to(out, e);
  std::vector<float> sums(e.row() + 2 * e.c);
  for (int64_t y = begin; y < end; ++y) {
    blur_row(in.row(y - 1), in.row(y), in.row(y + 1), sums.data(), to.row(y), e.row(), e.c);
    to.done(y);
  }
}

template <class T>
struct Blur {
  explicit Blur(Attributes&) {}
  void compute(Context& context) const {
    const Tensor x = context.input(0);
    require(x.shape().size() == 4, "x must be [N, H, W, C]");
    const Extent e{x.shape()[0], x.shape()[1], x.shape()[2], x.shape()[3]};
    T* y = context.output<T>(0, x.shape());
    if (e.size() == 0) return;
    const int64_t rows = rows_per_task(e), strips = (e.h + rows - 1) / rows;
    parallel(e.n * strips, e.size(), [&](int64_t task) {
      const int64_t at = task / strips * e.image(), begin = task % strips * rows;
      blur_rows(x.data<T>() + at, y + at, e, begin, std::min(e.h, begin + rows));
    });
  }
};

const int registered = register_all<Blur>("StyleganBlur", {"x: T"}, {"y: T"});

}  // namespace
}  // namespace stylegan
