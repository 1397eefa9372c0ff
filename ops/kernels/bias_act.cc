// Bias and leaky ReLU, its gradient, and the gradient of that. The gradients of all three ops are
// among them, since the second derivative of a leaky ReLU is 0.
#include <algorithm>
#include <vector>

#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int64_t kTask = 1 << 17;  // elements per task, about

// Channels repeat every C elements. Arrays with a value per channel are repeated until their length
// is a multiple of the vector size, so that any C uses full vectors.
struct Tiling {
  int64_t length, tiles;  // elements per tile, tiles per task
  explicit Tiling(int64_t channels) {
    const int64_t repeat = channels % kLanes ? kLanes : std::max<int64_t>(1, 64 / channels);
    length = channels * repeat;
    tiles = std::max<int64_t>(1, kTask / length);
  }
  int64_t task() const { return length * tiles; }
};

std::vector<float> tiled(const float* values, int64_t channels, int64_t length) {
  std::vector<float> tile(length);
  for (int64_t i = 0; i < length; ++i) tile[i] = values[i % channels];
  return tile;
}

// Calls body(position, position in the tile, count) for each vector of a range that starts with a
// tile.
template <class Body>
INLINE void each(int64_t begin, int64_t end, int64_t tile, const Body& body) {
  for (; begin < end; begin += tile) {
    along(std::min(tile, end - begin),
          [&](int64_t i, int64_t n) INLINE_LAMBDA { body(begin + i, i, n); });
  }
}

template <class T>
struct Stretch {
  const T *x, *y;     // y: null where no slope is needed
  T* out;
  float* tile;        // bias, or the sums of the gradient
  int64_t begin, end, length;
};

template <class T>
INLINE void forward(const Stretch<T>& s) {
  each(s.begin, s.end, s.length, [&](int64_t at, int64_t i, int64_t n) INLINE_LAMBDA {
    put(s.out + at, leaky_relu(get(s.x + at, n) + load(s.tile + i)), n);
  });
}

template <class T>
INLINE void gradient(const Stretch<T>& s) {
  each(s.begin, s.end, s.length, [&](int64_t at, int64_t i, int64_t n) INLINE_LAMBDA {
    const VecF32 dx = get(s.x + at, n) * slope(get(s.y + at, n));
    put(s.out + at, dx, n);
    store(s.tile + i, load(s.tile + i) + dx);
  });
}

template <class T>
INLINE void masked(const Stretch<T>& s) {
  each(s.begin, s.end, s.length, [&](int64_t at, int64_t i, int64_t n) INLINE_LAMBDA {
    put(s.out + at, (get(s.x + at, n) + load(s.tile + i)) * slope(get(s.y + at, n)), n);
  });
}

#define FOR_TYPE(T)                                               \
  CLONES void run_forward(const Stretch<T>& s) { forward(s); }    \
  CLONES void run_gradient(const Stretch<T>& s) { gradient(s); }  \
  CLONES void run_masked(const Stretch<T>& s) { masked(s); }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

int64_t last(const Shape& shape) { return shape.empty() ? 0 : shape.back(); }

// Calls stretch(task, begin, end) over all elements in tasks that start with a tile.
template <class Body>
void over(int64_t size, const Tiling& tiling, const Body& stretch) {
  const int64_t tasks = (size + tiling.task() - 1) / tiling.task();
  parallel(tasks, size, [&](int64_t task) {
    const int64_t begin = task * tiling.task();
    stretch(task, begin, std::min(size, begin + tiling.task()));
  });
}

template <class T>
struct BiasAct {
  explicit BiasAct(Attributes&) {}
  void compute(Context& context) const {
    const Shape shape = context.input_shape(0);
    const Tensor bias = context.input(1);
    require(!shape.empty() && bias.size() == shape.back(), "bias must have an entry per channel");
    T* y = context.output_over<T>(0, 0, shape);
    const Tensor x = context.input(0);
    if (x.size() == 0) return;
    const Tiling tiling(shape.back());
    std::vector<float> tile = tiled(bias.data<float>(), shape.back(), tiling.length);
    over(x.size(), tiling, [&](int64_t, int64_t begin, int64_t end) {
      run_forward(Stretch<T>{x.data<T>(), nullptr, y, tile.data(), begin, end, tiling.length});
    });
  }
};

template <class T>
struct BiasActGrad {
  explicit BiasActGrad(Attributes&) {}
  void compute(Context& context) const {
    const Shape shape = context.input_shape(0);
    const Tensor y = context.input(1);
    require(!shape.empty() && y.shape() == shape, "dy and y must have the same shape");
    const int64_t channels = shape.back();
    T* dx = context.output_over<T>(0, 0, shape);
    float* dbias = context.output<float>(1, {channels});
    const Tensor dy = context.input(0);
    std::fill(dbias, dbias + channels, 0.0f);
    if (dy.size() == 0) return;
    const Tiling tiling(channels);
    const int64_t tasks = (dy.size() + tiling.task() - 1) / tiling.task();
    std::vector<float> sums(tasks * tiling.length);
    over(dy.size(), tiling, [&](int64_t task, int64_t begin, int64_t end) {
      float* sum = sums.data() + task * tiling.length;
      run_gradient(Stretch<T>{dy.data<T>(), y.data<T>(), dx, sum, begin, end, tiling.length});
    });
    std::vector<double> total(channels);
    for (size_t i = 0; i < sums.size(); ++i) total[i % channels] += sums[i];
    std::copy(total.begin(), total.end(), dbias);
  }
};

template <class T>
struct MaskedBias {
  explicit MaskedBias(Attributes&) {}
  void compute(Context& context) const {
    const Shape shape = context.input_shape(0);
    const Tensor bias = context.input(1), y = context.input(2);
    require(y.shape() == shape, "g and y must have the same shape");
    require(bias.size() == last(shape), "bias must have an entry per channel");
    T* out = context.output_over<T>(0, 0, shape);
    const Tensor g = context.input(0);
    if (g.size() == 0) return;
    const Tiling tiling(shape.back());
    std::vector<float> tile = tiled(bias.data<float>(), shape.back(), tiling.length);
    over(g.size(), tiling, [&](int64_t, int64_t begin, int64_t end) {
      run_masked(
          Stretch<T>{g.data<T>(), y.data<T>(), out, tile.data(), begin, end, tiling.length});
    });
  }
};

const int registered[] = {
    register_all<BiasAct>("StyleganBiasAct", {"x: T", "bias: float"}, {"y: T"}),
    register_all<BiasActGrad>("StyleganBiasActGrad", {"dy: T", "y: T"}, {"dx: T", "dbias: float"}),
    register_all<MaskedBias>("StyleganMaskedBias", {"g: T", "bias: float", "y: T"}, {"dx: T"}),
};

}  // namespace
}  // namespace stylegan
