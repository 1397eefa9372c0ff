// Noise, bias, leaky ReLU, gain and clamp, their gradient, and the gradient of that. The gradients
// of all three ops are among them, since the second derivative of a leaky ReLU is 0.
#include <algorithm>
#include <vector>

#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int64_t kTask = 1 << 17;  // elements per task, about

// Channels repeat every C elements. Arrays with a value per channel are repeated until their length
// is a multiple of the vector size, so that any C uses full vectors. With noise, a tile is a pixel.
struct Tiling {
  int64_t length, tiles;  // elements per tile, tiles per task
  Tiling(int64_t channels, bool noise) {
    const int64_t repeat = channels % kLanes ? kLanes : std::max<int64_t>(1, 64 / channels);
    length = noise ? channels : channels * repeat;
    tiles = std::max<int64_t>(1, kTask / length);
  }
  int64_t task() const { return length * tiles; }
  int64_t tasks(int64_t size) const { return (size + task() - 1) / task(); }
};

std::vector<float> tiled(const float* values, int64_t channels, int64_t length) {
  std::vector<float> tile(padded_to_lanes(length));
  for (int64_t i = 0; i < length; ++i) tile[i] = values[i % channels];
  return tile;
}

// What is added to the channels of each pixel.
struct Noise {
  const float* values = nullptr;  // null: nothing
  int64_t count = 0;              // pixels, after which the values start again
  float strength = 1;
};

// The noise of one pixel after another.
class Along {
 public:
  INLINE Along(const Noise& noise, int64_t pixel)
      : noise_(noise), at_(noise.values ? pixel % noise.count : 0) {}
  INLINE float next() {
    if (noise_.values == nullptr) return 0;
    const float value = noise_.strength * noise_.values[at_];
    at_ = at_ + 1 < noise_.count ? at_ + 1 : 0;
    return value;
  }

 private:
  const Noise& noise_;
  int64_t at_;
};

// y = leaky_relu(z) · gain, of a magnitude of at most `clamp`. That must be a number that the type
// of y has, since the derivative is told from y.
struct Activation {
  float gain, clamp;

  INLINE VecF32 operator()(VecF32 z) const {
    const VecF32 y = leaky_relu(z) * gain;
    const VecF32 below = y > clamp ? splat(clamp) : y;
    return below < -clamp ? splat(-clamp) : below;
  }
  INLINE VecF32 derivative(VecF32 y) const {
    const VecF32 slopes = slope(y) * gain;
    return (y >= clamp) | (y <= -clamp) ? VecF32{} : slopes;
  }
};

template <class T>
float rounded(float value) {
  T one;
  store_partial(&one, splat(value), 1);
  return load_partial(&one, 1)[0];
}

template <class T>
struct Stretch {
  const T *x, *y;  // y: null where no derivative is needed
  T* out;
  float* tile;     // bias, or the sums of the gradient
  Noise noise;
  float* sums;     // of the channels of each pixel, or null
  int64_t begin, end, length;
  Activation activation;
};

// Calls body(first position, length) for each tile of a stretch, which starts with one.
template <class T, class Body>
INLINE void each_tile(const Stretch<T>& s, const Body& body) {
  for (int64_t begin = s.begin; begin < s.end; begin += s.length)
    body(begin, std::min(s.length, s.end - begin));
}

template <class T>
INLINE void forward(const Stretch<T>& s) {
  Along noise(s.noise, s.begin / s.length);
  each_tile(s, [&](int64_t begin, int64_t length) INLINE_LAMBDA {
    const VecF32 offset = splat(noise.next());
    along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      const int64_t at = begin + i;
      put(s.out + at, s.activation(get(s.x + at, n) + (load(s.tile + i) + offset)), n);
    });
  });
}

template <class T>
INLINE void gradient(const Stretch<T>& s) {
  each_tile(s, [&](int64_t begin, int64_t length) INLINE_LAMBDA {
    VecF32 sum = {};
    along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      const int64_t at = begin + i;
      const VecF32 dx = get(s.x + at, n) * s.activation.derivative(get(s.y + at, n));
      put(s.out + at, dx, n);
      store(s.tile + i, load(s.tile + i) + dx);
      sum += dx;
    });
    if (s.sums == nullptr) return;
    float total = 0;
    for (int lane = 0; lane < kLanes; ++lane) total += sum[lane];
    s.sums[begin / s.length] = total;
  });
}

template <class T>
INLINE void masked(const Stretch<T>& s) {
  Along noise(s.noise, s.begin / s.length);
  each_tile(s, [&](int64_t begin, int64_t length) INLINE_LAMBDA {
    const VecF32 offset = splat(noise.next());
    along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA {
      const int64_t at = begin + i;
      const VecF32 sum = get(s.x + at, n) + (load(s.tile + i) + offset);
      put(s.out + at, sum * s.activation.derivative(get(s.y + at, n)), n);
    });
  });
}

#define FOR_TYPE(T)                                               \
  CLONES void run_forward(const Stretch<T>& s) { forward(s); }    \
  CLONES void run_gradient(const Stretch<T>& s) { gradient(s); }  \
  CLONES void run_masked(const Stretch<T>& s) { masked(s); }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

// Calls stretch(task, begin, end) over all elements in tasks that start with a tile.
template <class Body>
void over(int64_t size, const Tiling& tiling, const Body& stretch) {
  parallel(tiling.tasks(size), size, [&](int64_t task) {
    const int64_t begin = task * tiling.task();
    stretch(task, begin, std::min(size, begin + tiling.task()));
  });
}

// The noise of x [N, …, C]: empty, of one image, or of N.
Noise noise_of(const Shape& x, const Tensor& noise, float strength) {
  if (noise.size() == 0) return {};
  int64_t pixels = 1;
  for (size_t i = 1; i + 1 < x.size(); ++i) pixels *= x[i];
  require(x.size() > 1 && (noise.size() == pixels || noise.size() == x[0] * pixels),
          "noise must be [1 or N, H, W, 1] or empty");
  return {noise.data<float>(), noise.size(), strength};
}

template <class T>
struct Op {
  Activation activation;
  explicit Op(Attributes& attributes)
      : activation{attributes.number("gain"), rounded<T>(attributes.number("clamp"))} {}
};

template <class T>
struct BiasAct : Op<T> {
  using Op<T>::Op;
  void compute(Context& context) const {
    const Shape shape = context.input_shape(0);
    const Tensor bias = context.input(1), image = context.input(2), strength = context.input(3);
    require(!shape.empty() && bias.size() == shape.back(), "bias must have an entry per channel");
    require(strength.size() == 1, "strength must be one number");
    const Noise noise = noise_of(shape, image, *strength.data<float>());
    T* y = context.output_over<T>(0, 0, shape);
    const Tensor x = context.input(0);
    if (x.size() == 0) return;
    const Tiling tiling(shape.back(), noise.values != nullptr);
    std::vector<float> tile = tiled(bias.data<float>(), shape.back(), tiling.length);
    over(x.size(), tiling, [&](int64_t, int64_t begin, int64_t end) {
      run_forward(Stretch<T>{x.data<T>(), nullptr, y, tile.data(), noise, nullptr, begin, end,
                             tiling.length, this->activation});
    });
  }
};

template <class T>
struct BiasActGrad : Op<T> {
  bool noise;
  explicit BiasActGrad(Attributes& attributes)
      : Op<T>(attributes), noise(attributes.flag("noise")) {}
  void compute(Context& context) const {
    const Shape shape = context.input_shape(0);
    const Tensor y = context.input(1);
    require(!shape.empty() && y.shape() == shape, "dy and y must have the same shape");
    const int64_t channels = shape.back();
    T* dx = context.output_over<T>(0, 0, shape);
    float* dbias = context.output<float>(1, {channels});
    Shape pixels = context.input_shape(0);
    pixels.back() = 1;
    if (!noise) pixels = Shape{0};
    float* dnoise = context.output<float>(2, pixels);
    const Tensor dy = context.input(0);
    std::fill(dbias, dbias + channels, 0.0f);
    if (dy.size() == 0) return;
    const Tiling tiling(channels, noise);
    const int64_t wide = padded_to_lanes(tiling.length), tasks = tiling.tasks(dy.size());
    std::vector<float> sums(tasks * wide);
    over(dy.size(), tiling, [&](int64_t task, int64_t begin, int64_t end) {
      run_gradient(Stretch<T>{dy.data<T>(), y.data<T>(), dx, &sums[task * wide], {},
                              noise ? dnoise : nullptr, begin, end, tiling.length,
                              this->activation});
    });
    std::vector<double> total(channels);
    for (int64_t task = 0; task < tasks; ++task)
      for (int64_t i = 0; i < tiling.length; ++i) total[i % channels] += sums[task * wide + i];
    std::copy(total.begin(), total.end(), dbias);
  }
};

template <class T>
struct MaskedBias : Op<T> {
  using Op<T>::Op;
  void compute(Context& context) const {
    const Shape shape = context.input_shape(0);
    const Tensor bias = context.input(1), image = context.input(2), y = context.input(3);
    require(!shape.empty() && y.shape() == shape, "g and y must have the same shape");
    require(bias.size() == shape.back(), "bias must have an entry per channel");
    const Noise noise = noise_of(shape, image, 1);
    T* out = context.output_over<T>(0, 0, shape);
    const Tensor g = context.input(0);
    if (g.size() == 0) return;
    const Tiling tiling(shape.back(), noise.values != nullptr);
    std::vector<float> tile = tiled(bias.data<float>(), shape.back(), tiling.length);
    over(g.size(), tiling, [&](int64_t, int64_t begin, int64_t end) {
      run_masked(Stretch<T>{g.data<T>(), y.data<T>(), out, tile.data(), noise, nullptr, begin, end,
                            tiling.length, this->activation});
    });
  }
};

const int registered[] = {
    register_all<BiasAct>("StyleganBiasAct",
                          {"x: T", "bias: float", "noise: float", "strength: float"}, {"y: T"},
                          {"gain: float", "clamp: float"}),
    register_all<BiasActGrad>("StyleganBiasActGrad", {"dy: T", "y: T"},
                              {"dx: T", "dbias: float", "dnoise: float"},
                              {"gain: float", "clamp: float", "noise: bool"}),
    register_all<MaskedBias>("StyleganMaskedBias",
                             {"g: T", "bias: float", "noise: float", "y: T"}, {"dx: T"},
                             {"gain: float", "clamp: float"}),
};

}  // namespace
}  // namespace stylegan
