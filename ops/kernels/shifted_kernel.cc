// The kernels of the fused up- and down-convolutions: the sum of a kernel's four shifts by 0 or 1
// pixel, times a factor; for the up-convolution turned round and transposed as well. And the
// transpose of this linear map, which is its gradient.
#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int64_t kTile = 32;  // rows and columns

// Calls body(matrix of w, matrix of the result) for each of the up to four pairs that add up in
// one place of the result (`gradient` false) or of w (`gradient` true).
template <class Body>
INLINE void over_shifts(int64_t place, int64_t size, bool turned, bool gradient, const Body& body) {
  const int64_t wide = size + 1, width = gradient ? size : wide, limit = gradient ? wide : size;
  const int64_t sign = gradient ? 1 : -1;
  for (int64_t dy = 0; dy < 2; ++dy) {
    for (int64_t dx = 0; dx < 2; ++dx) {
      const int64_t y = place / width + sign * dy, x = place % width + sign * dx;
      if (y < 0 || x < 0 || y >= limit || x >= limit) continue;
      const int64_t sum = gradient ? y * wide + x : place, part = gradient ? place : y * size + x;
      body(turned ? size * size - 1 - part : part, sum);
    }
  }
}

template <class T>
struct Matrices {
  const T* from;
  T* to;
  int64_t size, rows, columns;  // of the kernel; of a matrix that comes out
  float scale;
  bool transposed, gradient;
};

// The matrices that add up in one matrix of the result, times the factor.
template <class T>
struct Sum {
  const T* from[4];
  int count = 0;
  float scale;

  INLINE Lanes get(int64_t i, int64_t n) const {
    Lanes sum{};
    for (int k = 0; k < count; ++k) sum += stylegan::get(from[k] + i, n);
    return sum * scale;
  }
};

template <class T>
INLINE Sum<T> sum_at(const Matrices<T>& m, int64_t place) {
  Sum<T> sum;
  sum.scale = m.scale;
  // Turned round and transposed go together. `place` is of the result, or of w as it is stored.
  const int64_t last = m.size * m.size - 1;
  over_shifts(m.gradient && m.transposed ? last - place : place, m.size, m.transposed, m.gradient,
              [&](int64_t in_w, int64_t in_sum) INLINE_LAMBDA {
                const int64_t index = m.gradient ? in_sum : in_w;
                sum.from[sum.count++] = m.from + index * m.rows * m.columns;
              });
  return sum;
}

// A block of the result, of at most kLanes rows and columns, read as columns and rows.
template <class T>
INLINE void transpose(const Matrices<T>& m, const Sum<T>& sum, T* to, int64_t top, int64_t height,
                      int64_t left, int64_t width) {
  Lanes block[kLanes] = {};
  for (int64_t c = 0; c < width; ++c) block[c] = sum.get((left + c) * m.rows + top, height);
  swap_rows_and_columns(block);
  for (int64_t r = 0; r < height; ++r) put(to + (top + r) * m.columns + left, block[r], width);
}

// Calls body(begin, length) for stretches of at most `most`.
template <class Body>
INLINE void stretches(int64_t begin, int64_t end, int64_t most, const Body& body) {
  for (; begin + most <= end; begin += most) body(begin, most);
  if (begin < end) body(begin, end - begin);
}

// A stretch of rows of one matrix of the result.
template <class T>
INLINE void add_up(const Matrices<T>& m, int64_t place, int64_t begin, int64_t end) {
  const Sum<T> sum = sum_at(m, place);
  T* to = m.to + place * m.rows * m.columns;
  if (!m.transposed) {
    const int64_t first = begin * m.columns;
    along((end - begin) * m.columns, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      put(to + first + i, sum.get(first + i, n), n);
    });
    return;
  }
  // By tiles that stay in the nearest cache, and in them by blocks that stay in registers.
  stretches(begin, end, kTile, [&](int64_t tile, int64_t high) INLINE_LAMBDA {
    stretches(0, m.columns, kTile, [&](int64_t side, int64_t wide) INLINE_LAMBDA {
      stretches(side, side + wide, kLanes, [&](int64_t left, int64_t width) INLINE_LAMBDA {
        stretches(tile, tile + high, kLanes, [&](int64_t top, int64_t height) INLINE_LAMBDA {
          transpose(m, sum, to, top, height, left, width);
        });
      });
    });
  });
}

#define FOR_TYPE(T)                                                                            \
  CLONES void run(const Matrices<T>& m, int64_t place, int64_t begin, int64_t end) {           \
    add_up(m, place, begin, end);                                                              \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

template <class T, bool kGradient>
struct Shifted {
  float scale;
  bool transposed;
  explicit Shifted(Attributes& attributes)
      : scale(attributes.number("scale")), transposed(attributes.flag("transposed")) {}

  void compute(Context& context) const {
    const Tensor input = context.input(0);
    const Shape& shape = input.shape();
    require(shape.size() == 4 && shape[0] == shape[1] && shape[0] >= (kGradient ? 2 : 1),
            "the kernel must be [k, k, C, D]");
    const int64_t size = kGradient ? shape[0] - 1 : shape[0], side = kGradient ? size : size + 1;
    const int64_t rows = transposed ? shape[3] : shape[2], columns = transposed ? shape[2] : shape[3];
    T* out = context.output<T>(0, {side, side, rows, columns});
    if (rows * columns == 0) return;
    const Matrices<T> m{input.data<T>(), out, size, rows, columns, scale, transposed, kGradient};
    const int64_t strip = std::max<int64_t>(kTile, 4096 / columns);
    const int64_t strips = (rows + strip - 1) / strip;
    parallel(side * side * strips, side * side * rows * columns, [&](int64_t task) {
      const int64_t begin = task % strips * strip;
      run(m, task / strips, begin, std::min(rows, begin + strip));
    });
  }
};

template <class T> using ShiftedKernel = Shifted<T, false>;
template <class T> using ShiftedKernelGrad = Shifted<T, true>;

const int registered[] = {
    register_all<ShiftedKernel>("StyleganShiftedKernel", {"w: T"}, {"shifted: T"},
                                {"scale: float", "transposed: bool"}, Result::kOther),
    register_all<ShiftedKernelGrad>("StyleganShiftedKernelGrad", {"g: T"}, {"dw: T"},
                                    {"scale: float", "transposed: bool"}, Result::kOther),
};

}  // namespace
}  // namespace stylegan
