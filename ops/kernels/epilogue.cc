// Noise, bias, leaky ReLU, instance norm and style, with or without the blur in front: the picture
// is read twice (statistics, result) and written once.
#include "epilogue.h"

#include <cmath>

namespace stylegan {
namespace {

template <class T>
struct Forward {
  const T* x;
  T* y;
  Extent e;
  const Parameters& p;
  bool blur, stream;
  // A value a channel and picture, [N, padded C]: y = (a - mean) · scale + shift.
  const float *mean, *scale, *shift;
};

// Adds to `sum` and `square`, a value a channel, Σ (a - origin) and Σ (a - origin)² of a row.
INLINE void add_row(const float* row, const float* noise, const Extent& e, const Parameters& p,
                    const float* origin, float* sum, float* square) {
  over_channels(e.c, [&](auto group) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    Lanes strength[kSize], bias[kSize], from[kSize], sums[kSize], squares[kSize];
    group.fill(strength, p.strength.data() + group.c);
    group.fill(bias, p.bias.data() + group.c);
    group.fill(from, origin + group.c);
    group.fill(sums, sum + group.c);
    group.fill(squares, square + group.c);
    for (int64_t x = 0; x < e.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const Lanes z = group.get(row + x * e.c, i) + (noise[x] * strength[i] + bias[i]);
        const Lanes a = leaky_relu(z) - from[i];
        sums[i] += a;
        squares[i] += a * a;
      }
    }
    for (int i = 0; i < kSize; ++i) {
      store(sum + group.c + i * kLanes, sums[i]);
      store(square + group.c + i * kLanes, squares[i]);
    }
  });
}

// Mean and sum of squared deviations of a strip. The mean of its first row is the origin of the
// sums: they can then lose no more than a factor (number of rows) of precision to cancellation.
template <class T>
INLINE void measure(const Forward<T>& f, int64_t n, int64_t begin, int64_t end, float* mean,
                    float* deviation) {
  const Extent& e = f.e;
  Source<T> source(f.x + n * e.picture(), e, f.blur);
  std::vector<float> origin = zeros(e.c), sum = zeros(e.c), square = zeros(e.c);
  add_row(source.row(begin), f.p.noise_row(n, begin, e), e, f.p, origin.data(), sum.data(),
          square.data());
  for (int64_t c = 0; c < e.c; ++c) origin[c] = sum[c] / float(e.w);
  sum = zeros(e.c), square = zeros(e.c);
  for (int64_t y = begin; y < end; ++y)
    add_row(source.row(y), f.p.noise_row(n, y, e), e, f.p, origin.data(), sum.data(),
            square.data());
  const float count = float((end - begin) * e.w);
  for (int64_t c = 0; c < e.c; ++c) {
    mean[c] = origin[c] + sum[c] / count;
    deviation[c] = std::max(0.0f, square[c] - sum[c] * (sum[c] / count));
  }
}

template <bool kStream, class T>
INLINE void style_row(const float* row, const float* noise, const Forward<T>& f, int64_t at,
                      T* out) {
  const Extent& e = f.e;
  over_channels(e.c, [&](auto group) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    Lanes strength[kSize], bias[kSize], mean[kSize], scale[kSize], shift[kSize];
    group.fill(strength, f.p.strength.data() + group.c);
    group.fill(bias, f.p.bias.data() + group.c);
    group.fill(mean, f.mean + at + group.c);
    group.fill(scale, f.scale + at + group.c);
    group.fill(shift, f.shift + at + group.c);
    for (int64_t x = 0; x < e.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const Lanes z = group.get(row + x * e.c, i) + (noise[x] * strength[i] + bias[i]);
        const Lanes styled = (leaky_relu(z) - mean[i]) * scale[i] + shift[i];
        if constexpr (kStream)
          stylegan::stream(out + x * e.c + group.c + i * kLanes, styled);
        else
          group.put(out + x * e.c, i, styled);
      }
    }
  });
}

template <class T>
INLINE void style(const Forward<T>& f, int64_t n, int64_t begin, int64_t end) {
  const Extent& e = f.e;
  Source<T> source(f.x + n * e.picture(), e, f.blur);
  const int64_t at = n * zeros(e.c).size();
  for (int64_t y = begin; y < end; ++y) {
    const float *row = source.row(y), *noise = f.p.noise_row(n, y, e);
    T* out = f.y + n * e.picture() + y * e.row();
    if constexpr (sizeof(T) == sizeof(float)) {
      if (f.stream) {
        style_row<true>(row, noise, f, at, out);
        continue;
      }
    }
    style_row<false>(row, noise, f, at, out);
  }
}

#define FOR_TYPE(T)                                                                          \
  CLONES void run_measure(const Forward<T>& f, int64_t n, int64_t begin, int64_t end,        \
                          float* mean, float* deviation) {                                   \
    measure(f, n, begin, end, mean, deviation);                                              \
  }                                                                                          \
  CLONES void run_style(const Forward<T>& f, int64_t n, int64_t begin, int64_t end) {        \
    style(f, n, begin, end);                                                                 \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

// Mean and 1/σ of a channel from those of its strips (Chan et al. 1979, equation 2.1).
void combine(const float* means, const float* deviations, int64_t step, const Strips& strips,
             const Extent& e, float* mean, float* rstd) {
  double count = 0, average = 0, total = 0;
  for (int64_t strip = 0; strip < strips.count; ++strip) {
    const double more = double(std::min(strips.rows, e.h - strip * strips.rows) * e.w);
    const double delta = means[strip * step] - average;
    count += more;
    average += delta * (more / count);
    total += deviations[strip * step] + delta * delta * more * (count - more) / count;
  }
  *mean = float(average);
  *rstd = float(1 / std::sqrt(total / count + kEpsilon));
}

constexpr int64_t kStreamBytes = 16 << 20;  // more than a cache keeps until the next op reads it

template <class T>
struct Epilogue {
  bool blur;
  explicit Epilogue(Attributes& attributes) : blur(attributes.flag("blur")) {}

  void compute(Context& context) const {
    const Tensor noise = context.input(1), strength = context.input(2), bias = context.input(3),
                 style_input = context.input(4);
    const Shape shape = context.input(0).shape();
    const Extent e = extent_of(shape, bias, style_input);
    T* y = blur ? context.output<T>(0, shape) : context.output_over<T>(0, 0, shape);
    const Tensor x = context.input(0);
    float* mean = context.output<float>(1, {e.n, e.c});
    float* rstd = context.output<float>(2, {e.n, e.c});
    if (e.size() == 0) return;

    const Parameters parameters(e, noise, strength, bias);
    const bool stream = e.c % kLanes == 0 && e.size() * int64_t(sizeof(T)) >= kStreamBytes;
    const int64_t wide = zeros(e.c).size();
    std::vector<float> means(e.n * wide), scales(e.n * wide), shifts(e.n * wide);
    const Forward<T> f{x.data<T>(), y,           e, parameters, blur, stream, means.data(),
                       scales.data(), shifts.data()};

    const Strips strips(e);
    std::vector<float> strip_means(e.n * strips.count * e.c), deviations(strip_means.size());
    strips.each(e, [&](int64_t n, int64_t strip, int64_t begin, int64_t end) {
      const int64_t at = (n * strips.count + strip) * e.c;
      run_measure(f, n, begin, end, strip_means.data() + at, deviations.data() + at);
    });
    const float* style = style_input.data<float>();
    for (int64_t n = 0; n < e.n; ++n) {
      for (int64_t c = 0; c < e.c; ++c) {
        const int64_t from = n * strips.count * e.c + c, to = n * e.c + c;
        combine(&strip_means[from], &deviations[from], e.c, strips, e, mean + to, rstd + to);
        means[n * wide + c] = mean[to];
        scales[n * wide + c] = rstd[to] * (style[n * 2 * e.c + c] + 1);
        shifts[n * wide + c] = style[n * 2 * e.c + e.c + c];
      }
    }
    strips.each(e, [&](int64_t n, int64_t, int64_t begin, int64_t end) {
      run_style(f, n, begin, end);
    });
  }
};

const int registered = register_all<Epilogue>(
    "StyleganEpilogue",
    {"x: T", "noise: float", "strength: float", "bias: float", "style: float"},
    {"y: T", "mean: float", "rstd: float"}, {"blur: bool = false"});

}  // namespace
}  // namespace stylegan
