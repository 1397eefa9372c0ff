// Gradient of the epilogue. The activation is computed again from x, so that nothing as large as a
// picture is kept for it: x and dy are read twice (sums, result), dx is written once.
#include "epilogue.h"

#include <cmath>

namespace stylegan {
namespace {

// With ŷ = (a - mean) · rstd and y = ŷ · gain + shift, where gain is the style's scale plus 1:
// da = rstd · gain · (dy - mean(dy) - ŷ · mean(dy · ŷ)), means over the pixels of the picture.
template <class T>
struct Backward {
  const T *dy, *x;
  T* dx;
  Extent e;
  const Parameters& p;
  bool blur;
  // A value a channel and picture, [N, padded C]: da = (dy - dy_mean - (a - mean) · tilt) · scale.
  const float *mean, *dy_mean, *tilt, *scale;
};

// Adds to `sum` and `product`, a value a channel, Σ dy and Σ dy · (a - mean) of a row.
template <class T>
INLINE void add_row(const Backward<T>& b, const float* row, const float* noise, const T* dy,
                    const float* means, float* sum, float* product) {
  const Extent& e = b.e;
  over_channels(e.c, [&](auto group) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    Lanes strength[kSize], bias[kSize], mean[kSize], sums[kSize], products[kSize];
    group.fill(strength, b.p.strength.data() + group.c);
    group.fill(bias, b.p.bias.data() + group.c);
    group.fill(mean, means + group.c);
    group.fill(sums, sum + group.c);
    group.fill(products, product + group.c);
    for (int64_t x = 0; x < e.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const Lanes z = group.get(row + x * e.c, i) + (noise[x] * strength[i] + bias[i]);
        const Lanes d = group.get(dy + x * e.c, i);
        sums[i] += d;
        products[i] += d * (leaky_relu(z) - mean[i]);
      }
    }
    for (int i = 0; i < kSize; ++i) {
      store(sum + group.c + i * kLanes, sums[i]);
      store(product + group.c + i * kLanes, products[i]);
    }
  });
}

// The sums of a strip are kept in double: rows are added as they come.
template <class T>
INLINE void sums(const Backward<T>& b, int64_t n, int64_t begin, int64_t end, double* sum,
                 double* product) {
  const Extent& e = b.e;
  Source<T> source(b.x + n * e.picture(), e, b.blur);
  const float* mean = b.mean + n * zeros(e.c).size();
  for (int64_t y = begin; y < end; ++y) {
    std::vector<float> row_sum = zeros(e.c), row_product = zeros(e.c);
    add_row(b, source.row(y), b.p.noise_row(n, y, e), b.dy + n * e.picture() + y * e.row(), mean,
            row_sum.data(), row_product.data());
    for (int64_t c = 0; c < e.c; ++c) sum[c] += row_sum[c], product[c] += row_product[c];
  }
}

// Writes dz of a row to `out` and adds to the sums of the gradients of strength and bias.
template <class T, class Out>
INLINE void dz_row(const Backward<T>& b, const float* row, const float* noise, const T* dy,
                   int64_t at, Out* out, float* dstrength, float* dbias) {
  const Extent& e = b.e;
  over_channels(e.c, [&](auto group) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    Lanes strength[kSize], bias[kSize], mean[kSize], dy_mean[kSize], tilt[kSize], scale[kSize];
    Lanes strengths[kSize], biases[kSize];
    group.fill(strength, b.p.strength.data() + group.c);
    group.fill(bias, b.p.bias.data() + group.c);
    group.fill(mean, b.mean + at + group.c);
    group.fill(dy_mean, b.dy_mean + at + group.c);
    group.fill(tilt, b.tilt + at + group.c);
    group.fill(scale, b.scale + at + group.c);
    group.fill(strengths, dstrength + group.c);
    group.fill(biases, dbias + group.c);
    for (int64_t x = 0; x < e.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const Lanes z = group.get(row + x * e.c, i) + (noise[x] * strength[i] + bias[i]);
        const Lanes d = group.get(dy + x * e.c, i) - dy_mean[i];
        const Lanes da = (d - (leaky_relu(z) - mean[i]) * tilt[i]) * scale[i];
        const Lanes dz = da * slope(z);
        strengths[i] += dz * noise[x];
        biases[i] += dz;
        group.put(out + x * e.c, i, dz);
      }
    }
    for (int i = 0; i < kSize; ++i) {
      store(dstrength + group.c + i * kLanes, strengths[i]);
      store(dbias + group.c + i * kLanes, biases[i]);
    }
  });
}

// Without blur dz is dx: rows go straight to the result.
template <class T>
INLINE void apply(const Backward<T>& b, int64_t n, int64_t begin, int64_t end, float* dstrength,
                  float* dbias) {
  const Extent& e = b.e;
  Source<T> source(b.x + n * e.picture(), e, false);
  for (int64_t y = begin; y < end; ++y) {
    const int64_t at = n * e.picture() + y * e.row();
    dz_row(b, source.row(y), b.p.noise_row(n, y, e), b.dy + at, n * zeros(e.c).size(), b.dx + at,
           dstrength, dbias);
  }
}

// With blur dx is dz filtered: three rows of dz are at hand, those next to the strip among them.
template <class T>
INLINE void apply_blurred(const Backward<T>& b, int64_t n, int64_t begin, int64_t end,
                          float* dstrength, float* dbias) {
  const Extent& e = b.e;
  Source<T> source(b.x + n * e.picture(), e, true);
  std::vector<float> dz(3 * e.row()), zero(e.row()), sums(e.row() + 2 * e.c);
  std::vector<float> ignored = zeros(e.c);
  const auto row = [&](int64_t y) { return dz.data() + y % 3 * e.row(); };
  const auto compute = [&](int64_t y) INLINE_LAMBDA {
    const bool own = begin <= y && y < end;
    const int64_t at = n * e.picture() + y * e.row();
    dz_row(b, source.row(y), b.p.noise_row(n, y, e), b.dy + at, n * zeros(e.c).size(), row(y),
           own ? dstrength : ignored.data(), own ? dbias : ignored.data());
  };
  for (int64_t y = std::max<int64_t>(0, begin - 1); y < end + 1; ++y) {
    if (y < e.h) compute(y);
    const int64_t done = y - 1;  // its neighbours above and below are there now
    if (done < begin) continue;
    blur_row(done > 0 ? row(done - 1) : zero.data(), row(done), y < e.h ? row(y) : zero.data(),
             sums.data(), b.dx + n * e.picture() + done * e.row(), e.row(), e.c);
  }
}

#define FOR_TYPE(T)                                                                            \
  CLONES void run_sums(const Backward<T>& b, int64_t n, int64_t begin, int64_t end,            \
                       double* sum, double* product) {                                         \
    sums(b, n, begin, end, sum, product);                                                      \
  }                                                                                            \
  CLONES void run_apply(const Backward<T>& b, int64_t n, int64_t begin, int64_t end,           \
                        float* dstrength, float* dbias) {                                      \
    b.blur ? apply_blurred(b, n, begin, end, dstrength, dbias)                                 \
           : apply(b, n, begin, end, dstrength, dbias);                                        \
  }
FOR_TYPE(float)
FOR_TYPE(bfloat16)
FOR_TYPE(half)

// Adds up what the strips found, [strips, step], for a channel.
template <class Number>
double total(const std::vector<Number>& found, int64_t begin, int64_t count, int64_t step) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += found[begin + i * step];
  return sum;
}

template <class T>
struct EpilogueGrad {
  bool blur;
  explicit EpilogueGrad(Attributes& attributes) : blur(attributes.flag("blur")) {}

  void compute(Context& context) const {
    const Tensor x = context.input(1), noise = context.input(2), strength = context.input(3),
                 bias = context.input(4), style = context.input(5), mean = context.input(6),
                 rstd = context.input(7);
    const Extent e = extent_of(x.shape(), bias, style);
    require(context.input(0).shape() == x.shape(), "dy and x must have the same shape");
    require(mean.size() == e.n * e.c && rstd.size() == e.n * e.c, "mean must be [N, C]");
    T* dx = blur ? context.output<T>(0, x.shape()) : context.output_over<T>(0, 0, x.shape());
    const Tensor dy = context.input(0);
    float* dstrength = context.output<float>(1, {e.c});
    float* dbias = context.output<float>(2, {e.c});
    float* dstyle = context.output<float>(3, {e.n, 2 * e.c});
    std::fill(dstrength, dstrength + e.c, 0.0f);
    std::fill(dbias, dbias + e.c, 0.0f);
    std::fill(dstyle, dstyle + style.size(), 0.0f);
    if (e.size() == 0) return;

    const Parameters parameters(e, noise, strength, bias);
    const int64_t wide = zeros(e.c).size();
    std::vector<float> means(e.n * wide), dy_means(e.n * wide), tilts(e.n * wide),
        scales(e.n * wide);
    for (int64_t n = 0; n < e.n; ++n)
      std::copy_n(mean.data<float>() + n * e.c, e.c, means.begin() + n * wide);
    const Backward<T> b{dy.data<T>(),  x.data<T>(),     dx,           e,            parameters,
                        blur,          means.data(),    dy_means.data(), tilts.data(),
                        scales.data()};

    const Strips strips(e);
    std::vector<double> sum(e.n * strips.count * e.c), product(sum.size());
    strips.each(e, [&](int64_t n, int64_t strip, int64_t begin, int64_t end) {
      const int64_t at = (n * strips.count + strip) * e.c;
      run_sums(b, n, begin, end, sum.data() + at, product.data() + at);
    });
    const double pixels = double(e.h * e.w);
    for (int64_t n = 0; n < e.n; ++n) {
      for (int64_t c = 0; c < e.c; ++c) {
        const int64_t from = n * strips.count * e.c + c, to = n * wide + c;
        const double sigma = rstd.data<float>()[n * e.c + c];
        const double all = total(sum, from, strips.count, e.c);
        const double styled = total(product, from, strips.count, e.c) * sigma;  // Σ dy · ŷ
        dstyle[n * 2 * e.c + c] = float(styled);
        dstyle[n * 2 * e.c + e.c + c] = float(all);
        dy_means[to] = float(all / pixels);
        tilts[to] = float(styled / pixels * sigma);
        scales[to] = float(sigma * (style.data<float>()[n * 2 * e.c + c] + 1));
      }
    }
    std::vector<float> strengths(e.n * strips.count * wide), biases(strengths.size());
    strips.each(e, [&](int64_t n, int64_t strip, int64_t begin, int64_t end) {
      const int64_t at = (n * strips.count + strip) * wide;
      run_apply(b, n, begin, end, strengths.data() + at, biases.data() + at);
    });
    for (int64_t c = 0; c < e.c; ++c) {
      if (noise.size() > 0) dstrength[c] = float(total(strengths, c, e.n * strips.count, wide));
      dbias[c] = float(total(biases, c, e.n * strips.count, wide));
    }
  }
};

const int registered = register_all<EpilogueGrad>(
    "StyleganEpilogueGrad",
    {"dy: T", "x: T", "noise: float", "strength: float", "bias: float", "style: float",
     "mean: float", "rstd: float"},
    {"dx: T", "dstrength: float", "dbias: float", "dstyle: float"}, {"blur: bool = false"});

}  // namespace
}  // namespace stylegan
