// Noise, bias, leaky ReLU, instance norm and style, with or without a blur before them. The image
// is read twice (statistics, result) and written once.
#include "epilogue.h"

#include <cmath>

namespace stylegan {
namespace {

// Adds Σ (a - origin) and Σ (a - origin)² of a row, per channel, to `sum` and `square`.
CLONES void add_row(const Row& row, const float* origin, float* sum, float* square) {
  over_channels(row, [&](auto group, auto pixels) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    VecF32 from[kSize], sums[kSize], squares[kSize];
    group.fill(from, origin);
    group.fill(sums, sum);
    group.fill(squares, square);
    for (int64_t x = 0; x < row.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const VecF32 a = leaky_relu(pixels.z(x, i)) - from[i];
        sums[i] += a;
        squares[i] += a * a;
      }
    }
    group.keep(sums, sum);
    group.keep(squares, square);
  });
}

// The map from an activation to the result, per channel: y = (a - mean) · scale + shift.
struct Style {
  const float *mean, *scale, *shift;
};

template <bool kStream>
INLINE void style_pixels(const Row& row, const Style& style, float* out) {
  over_channels(row, [&](auto group, auto pixels) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    VecF32 mean[kSize], scale[kSize], shift[kSize];
    group.fill(mean, style.mean);
    group.fill(scale, style.scale);
    group.fill(shift, style.shift);
    for (int64_t x = 0; x < row.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const VecF32 styled = (leaky_relu(pixels.z(x, i)) - mean[i]) * scale[i] + shift[i];
        if constexpr (kStream)
          stream(out + x * row.c + group.c + i * kLanes, styled);
        else
          group.put(out + x * row.c, i, styled);
      }
    }
  });
}

CLONES void style_row(const Row& row, const Style& style, float* out, bool past_caches) {
  past_caches ? style_pixels<true>(row, style, out) : style_pixels<false>(row, style, out);
}

// Computes the mean and the sum of squared deviations of a strip. The sums are taken relative to
// the mean of its first row, so cancellation loses at most a factor (number of rows) of precision.
template <class T>
void measure(InputRows<T> x, const Parameters& p, const Extent& e, int64_t n, int64_t begin,
             int64_t end, float* mean, float* deviation) {
  std::vector<float> origin = zeros(e.c), sum = zeros(e.c), square = zeros(e.c);
  add_row(p.row(x, n, begin), origin.data(), sum.data(), square.data());
  for (int64_t c = 0; c < e.c; ++c) origin[c] = sum[c] / float(e.w);
  sum = zeros(e.c), square = zeros(e.c);
  for (int64_t y = begin; y < end; ++y)
    add_row(p.row(x, n, y), origin.data(), sum.data(), square.data());
  const float count = float((end - begin) * e.w);
  for (int64_t c = 0; c < e.c; ++c) {
    mean[c] = origin[c] + sum[c] / count;
    deviation[c] = std::max(0.0f, square[c] - sum[c] * (sum[c] / count));
  }
}

// Combines the statistics of strips to the mean and 1/σ of a channel (Chan et al. 1979, equation
// 2.1).
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

constexpr int64_t kStreamBytes = 16 << 20;  // larger results do not stay in the caches

template <class T>
struct Epilogue {
  bool blur;
  explicit Epilogue(Attributes& attributes) : blur(attributes.flag("blur")) {}

  void compute(Context& context) const {
    const Tensor noise = context.input(1), strength = context.input(2), bias = context.input(3),
                 style_input = context.input(4);
    const Shape shape = context.input_shape(0);
    const Extent e = extent_of(shape, bias, style_input);
    T* y = blur ? context.output<T>(0, shape) : context.output_over<T>(0, 0, shape);
    const Tensor x = context.input(0);
    float* mean = context.output<float>(1, {e.n, e.c});
    float* rstd = context.output<float>(2, {e.n, e.c});
    if (e.size() == 0) return;

    const Parameters parameters(e, blur, noise, strength, bias);
    const Strips strips(e);
    std::vector<float> strip_means(e.n * strips.count * e.c), deviations(strip_means.size());
    strips.each(e, [&](int64_t n, int64_t strip, int64_t begin, int64_t end) {
      const int64_t at = (n * strips.count + strip) * e.c;
      measure(InputRows<T>(x.data<T>() + n * e.image(), e), parameters, e, n, begin, end,
              &strip_means[at], &deviations[at]);
    });

    const int64_t wide = padded_to_lanes(e.c);
    std::vector<float> means(e.n * wide), scales(e.n * wide), shifts(e.n * wide);
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

    const bool past_caches = sizeof(T) == sizeof(float) && e.c % kLanes == 0 &&
                             e.size() * int64_t(sizeof(T)) >= kStreamBytes;
    strips.each(e, [&](int64_t n, int64_t, int64_t begin, int64_t end) {
      InputRows<T> in(x.data<T>() + n * e.image(), e);
      OutputRows<T> out(y + n * e.image(), e);
      const Style style{&means[n * wide], &scales[n * wide], &shifts[n * wide]};
      for (int64_t row = begin; row < end; ++row) {
        style_row(parameters.row(in, n, row), style, out.row(row), past_caches);
        out.done(row);
      }
    });
  }
};

const int registered = register_all<Epilogue>(
    "StyleganEpilogue",
    {"x: T", "noise: float", "strength: float", "bias: float", "style: float"},
    {"y: T", "mean: float", "rstd: float"}, {"blur: bool = false"});

}  // namespace
}  // namespace stylegan
