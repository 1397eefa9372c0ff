// Makes the kernel of a convolution from stored weights in one pass: multiplies by a factor, rounds
// to the type of the convolution and, on request, rotates by 180° and transposes the channels. For
// a convolution that is fused with resampling it sums the four shifts by 0 or 1 pixel. The gradient
// is the transpose of this linear map.
#include "framework.h"
#include "pairs.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int64_t kTile = 64;  // rows and columns: four cache lines each

// The shifts of w [size, size, C, D], by 0 to shifts - 1 pixels along each axis, and whether it is
// rotated by 180° and its channels are transposed.
struct Layout {
  int64_t size, shifts;
  bool transposed;
  int64_t side() const { return size + shifts - 1; }
};

// Calls body(index in w, index in the result) for each of the up to four matrices whose sum is the
// matrix at `place` of the result or, for the gradient, of w.
template <bool kGradient, class Body>
INLINE void over_shifts(int64_t place, const Layout& layout, const Body& body) {
  const int64_t size = layout.size, side = layout.side(), sign = kGradient ? 1 : -1;
  const int64_t width = kGradient ? size : side, limit = kGradient ? side : size;
  for (int64_t dy = 0; dy < layout.shifts; ++dy) {
    for (int64_t dx = 0; dx < layout.shifts; ++dx) {
      const int64_t y = place / width + sign * dy, x = place % width + sign * dx;
      if (y < 0 || x < 0 || y >= limit || x >= limit) continue;
      const int64_t sum = kGradient ? y * side + x : place, part = kGradient ? place : y * size + x;
      body(layout.transposed ? size * size - 1 - part : part, sum);
    }
  }
}

template <class From, class To>
struct Matrices {
  const From* from;
  To* to;
  Layout layout;
  int64_t rows, columns;  // of a matrix of the result
  float scale;
};

// Always 0, but the compiler cannot know it. XOR with it keeps the compiler from fusing a product
// with the sum after it, so that the product is rounded as TensorFlow's product with the factor is.
const volatile uint32_t kNothing = 0;

// The sum of matrices that is one matrix of the result, with the factor.
template <class From, bool kGradient>
struct Sum {
  const From* from[4];
  int count = 0;
  float scale;
  VecU32 nothing;

  INLINE VecF32 get(int64_t i, int64_t n) const {
    VecF32 sum{};
    for (int k = 0; k < count; ++k) {
      const VecF32 part = stylegan::get(from[k] + i, n);
      sum += kGradient ? part : as_floats(as_bits(part * scale) ^ nothing);
    }
    return kGradient ? sum * scale : sum;
  }

  INLINE Sum from_place(int64_t i) const {
    Sum moved = *this;
    for (int k = 0; k < count; ++k) moved.from[k] += i;
    return moved;
  }
};

template <bool kGradient, class From, class To>
INLINE Sum<From, kGradient> sum_at(const Matrices<From, To>& m, int64_t place) {
  Sum<From, kGradient> sum;
  sum.scale = m.scale;
  sum.nothing = VecU32{} + kNothing;
  // `place` is an index in the result, or in w as it is stored.
  const int64_t last = m.layout.size * m.layout.size - 1;
  over_shifts<kGradient>(kGradient && m.layout.transposed ? last - place : place, m.layout,
                         [&](int64_t in_w, int64_t in_sum) INLINE_LAMBDA {
                           const int64_t index = kGradient ? in_sum : in_w;
                           sum.from[sum.count++] = m.from + index * m.rows * m.columns;
                         });
  return sum;
}

// Calls body(begin, length) for pieces of at most `max_length`.
template <class Body>
INLINE void stretches(int64_t begin, int64_t end, int64_t max_length, const Body& body) {
  for (; begin + max_length <= end; begin += max_length) body(begin, max_length);
  if (begin < end) body(begin, end - begin);
}

// A square of a matrix in the first-level cache, for the transposition. Without it the rows of a
// matrix, which lie powers of two apart, would evict each other from that cache.
struct Tile {
  float numbers[kTile][kTile] = {};

  template <class SumT>
  INLINE void read(const SumT& sum, int64_t step, int64_t height, int64_t width) {
    for (int64_t row = 0; row < height; ++row) {
      stretches(0, width, kLanes, [&](int64_t i, int64_t n) INLINE_LAMBDA {
        put(numbers[row] + i, sum.get(row * step + i, n), n);
      });
    }
  }

  // Writes the transpose of what was read.
  template <class To>
  INLINE void write(To* to, int64_t step, int64_t height, int64_t width) const {
    stretches(0, height, kLanes, [&](int64_t top, int64_t high) INLINE_LAMBDA {
      stretches(0, width, kLanes, [&](int64_t left, int64_t wide) INLINE_LAMBDA {
        VecF32 block[kLanes];
        for (int64_t i = 0; i < kLanes; ++i) block[i] = load(&numbers[left + i][top]);
        transpose(block);
        for (int64_t i = 0; i < high; ++i) put(to + (top + i) * step + left, block[i], wide);
      });
    });
  }
};

// Computes rows [begin, end) of one matrix of the result.
template <bool kGradient, class From, class To>
INLINE void add_up(const Matrices<From, To>& m, int64_t place, int64_t begin, int64_t end) {
  const auto sum = sum_at<kGradient>(m, place);
  To* to = m.to + place * m.rows * m.columns;
  if (!m.layout.transposed) {
    int64_t i = begin * m.columns;
    const int64_t last = end * m.columns;
    for (; i + kPair <= last; i += kPair)
      store_pair(to + i, sum.get(i, kLanes), sum.get(i + kLanes, kLanes));
    stretches(i, last, kLanes, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      put(to + i, sum.get(i, n), n);
    });
    return;
  }
  Tile tile;
  stretches(begin, end, kTile, [&](int64_t top, int64_t height) INLINE_LAMBDA {
    stretches(0, m.columns, kTile, [&](int64_t left, int64_t width) INLINE_LAMBDA {
      tile.read(sum.from_place(left * m.rows + top), m.rows, width, height);
      tile.write(to + top * m.columns + left, m.columns, height, width);
    });
  });
}

#define FOR_TYPE(T)                                                                            \
  CLONES void run(const Matrices<float, T>& m, int64_t place, int64_t begin, int64_t end,      \
                  std::false_type) {                                                           \
    add_up<false>(m, place, begin, end);                                                       \
  }                                                                                            \
  CLONES void run(const Matrices<T, float>& m, int64_t place, int64_t begin, int64_t end,      \
                  std::true_type) {                                                            \
    add_up<true>(m, place, begin, end);                                                        \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

template <class From, class To, bool kGradient>
struct Kernels {
  float scale;
  int64_t shifts;
  bool transposed;
  explicit Kernels(Attributes& attributes)
      : scale(attributes.number("scale")), shifts(attributes.integer("shifts")),
        transposed(attributes.flag("transposed")) {}

  void compute(Context& context) const {
    const Tensor input = context.input(0);
    const Shape& shape = input.shape();
    require(shifts == 1 || shifts == 2, "shifts must be 1 or 2");
    require(shape.size() == 4 && shape[0] == shape[1] && shape[0] >= (kGradient ? shifts : 1),
            "the kernel must be [k, k, C, D]");
    const Layout layout{kGradient ? shape[0] - shifts + 1 : shape[0], shifts, transposed};
    const int64_t side = kGradient ? layout.size : layout.side();
    const int64_t rows = shape[transposed ? 3 : 2], columns = shape[transposed ? 2 : 3];
    To* out = context.output<To>(0, {side, side, rows, columns});
    if (rows * columns == 0) return;
    const Matrices<From, To> m{input.data<From>(), out, layout, rows, columns, scale};
    const int64_t strip = std::max<int64_t>(kTile, 4096 / columns);
    const int64_t strips = (rows + strip - 1) / strip;
    parallel(side * side * strips, side * side * rows * columns, [&](int64_t task) {
      const int64_t begin = task % strips * strip;
      run(m, task / strips, begin, std::min(rows, begin + strip),
          std::integral_constant<bool, kGradient>());
    });
  }
};

template <class T> using ConvKernel = Kernels<float, T, false>;
template <class T> using ConvKernelGrad = Kernels<T, float, true>;

const int registered[] = {
    register_all<ConvKernel>("StyleganConvKernel", {"w: float"}, {"kernel: T"},
                             {"scale: float", "shifts: int", "transposed: bool"}, Result::kOther),
    register_all<ConvKernelGrad>("StyleganConvKernelGrad", {"g: T"}, {"dw: float"},
                                 {"scale: float", "shifts: int", "transposed: bool"},
                                 Result::kOther),
};

}  // namespace
}  // namespace stylegan
