// The gradient of the epilogue. It computes the activation again from x, so that no tensor of the
// size of x is kept for it. x and dy are read twice (sums, result), dx is written once.
#include "epilogue.h"

#include <cmath>

namespace stylegan {
namespace {

// Sums over pixels, per channel: Σ dy, Σ dy · (a - mean), Σ (a - mean). The last is not exactly
// zero, since the mean is rounded, and the difference matters for the gradient of the bias.
template <class Number>
struct Sums {
  Number *dy, *product, *rest;
};

// Adds the sums of a row.
CLONES void add_row(const Row& row, const float* dy, const float* means, const Sums<float>& to) {
  over_channels(row, [&](auto group, auto pixels) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    VecF32 mean[kSize], dys[kSize], products[kSize], rests[kSize];
    group.fill(mean, means);
    group.fill(dys, to.dy);
    group.fill(products, to.product);
    group.fill(rests, to.rest);
    for (int64_t x = 0; x < row.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const VecF32 d = group.get(dy + x * row.c, i);
        const VecF32 centered = leaky_relu(pixels.z(x, i)) - mean[i];
        dys[i] += d;
        products[i] += d * centered;
        rests[i] += centered;
      }
    }
    group.keep(dys, to.dy);
    group.keep(products, to.product);
    group.keep(rests, to.rest);
  });
}

// With ŷ = (a - mean) · rstd and y = ŷ · gain + shift, where gain is the style's scale plus 1:
// da = rstd · gain · (dy - mean(dy) - ŷ · mean(dy · ŷ)), means over the pixels of the image.
// Per channel: da = (dy - dy_mean - (a - mean) · tilt) · scale.
struct Backward {
  const float *mean, *dy_mean, *tilt, *scale;
};

// Writes dz of a row, and adds its part to the gradients of strength and bias.
CLONES void dz_row(const Row& row, const float* dy, const Backward& b, float* dz, float* dstrength,
                   float* dbias) {
  over_channels(row, [&](auto group, auto pixels) INLINE_LAMBDA {
    constexpr int kSize = decltype(group)::size;
    VecF32 mean[kSize], dy_mean[kSize], tilt[kSize], scale[kSize], strengths[kSize], biases[kSize];
    group.fill(mean, b.mean);
    group.fill(dy_mean, b.dy_mean);
    group.fill(tilt, b.tilt);
    group.fill(scale, b.scale);
    group.fill(strengths, dstrength);
    group.fill(biases, dbias);
    for (int64_t x = 0; x < row.w; ++x) {
      for (int i = 0; i < kSize; ++i) {
        const VecF32 z = pixels.z(x, i);
        const VecF32 d = group.get(dy + x * row.c, i) - dy_mean[i];
        const VecF32 da = (d - (leaky_relu(z) - mean[i]) * tilt[i]) * scale[i];
        const VecF32 result = da * slope(z);
        strengths[i] += result * row.noise[x];
        biases[i] += result;
        group.put(dz + x * row.c, i, result);
      }
    }
    group.keep(strengths, dstrength);
    group.keep(biases, dbias);
  });
}

// A strip of an image and the sources of its rows.
template <class T>
struct Strip {
  InputRows<T> x, dy;
  const Parameters& p;
  const Extent& e;
  int64_t n, begin, end;
};

// Adds the sums of each row to those of the strip, which are in double.
template <class T>
void add_up(Strip<T> s, const float* mean, const Sums<double>& to) {
  const int64_t c = s.e.c;
  for (int64_t y = s.begin; y < s.end; ++y) {
    std::vector<float> dy = zeros(c), product = zeros(c), rest = zeros(c);
    add_row(s.p.row(s.x, s.n, y), s.dy.row(y), mean, {dy.data(), product.data(), rest.data()});
    for (int64_t i = 0; i < c; ++i)
      to.dy[i] += dy[i], to.product[i] += product[i], to.rest[i] += rest[i];
  }
}

// Without blur dz is dx: rows are written to the result directly.
template <class T>
void apply(Strip<T> s, const Backward& b, OutputRows<T> dx, float* dstrength, float* dbias) {
  for (int64_t y = s.begin; y < s.end; ++y) {
    dz_row(s.p.row(s.x, s.n, y), s.dy.row(y), b, dx.row(y), dstrength, dbias);
    dx.done(y);
  }
}

// With blur dx is the filtered dz. Three rows of dz are kept; those next to the strip are computed,
// too.
template <class T>
void apply_blurred(Strip<T> s, const Backward& b, OutputRows<T> dx, float* dstrength,
                   float* dbias) {
  const Extent& e = s.e;
  std::vector<float> dz(3 * e.row()), zero(e.row()), sums(e.row() + 2 * e.c);
  std::vector<float> other_strength = zeros(e.c), other_bias = zeros(e.c);
  const auto row = [&](int64_t y) { return dz.data() + y % 3 * e.row(); };
  for (int64_t y = std::max<int64_t>(0, s.begin - 1); y < s.end + 1; ++y) {
    const bool own = s.begin <= y && y < s.end;  // the others are counted by their own strip
    if (y < e.h)
      dz_row(s.p.row(s.x, s.n, y), s.dy.row(y), b, row(y), own ? dstrength : other_strength.data(),
             own ? dbias : other_bias.data());
    const int64_t done = y - 1;  // the rows above and below it are computed now
    if (done < s.begin) continue;
    blur_row(done > 0 ? row(done - 1) : zero.data(), row(done), y < e.h ? row(y) : zero.data(),
             sums.data(), dx.row(done), e.row(), e.c);
    dx.done(done);
  }
}

// The sum over strips of a channel's partial sums [strips, step].
template <class Number>
double total(const std::vector<Number>& partials, int64_t begin, int64_t count, int64_t step) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += partials[begin + i * step];
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
    require(context.input_shape(0) == x.shape(), "dy and x must have the same shape");
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

    const Parameters parameters(e, blur, noise, strength, bias);
    const int64_t wide = padded_to_lanes(e.c);
    std::vector<float> means(e.n * wide), dy_means(e.n * wide), tilts(e.n * wide),
        scales(e.n * wide);
    for (int64_t n = 0; n < e.n; ++n)
      std::copy_n(mean.data<float>() + n * e.c, e.c, means.begin() + n * wide);
    const auto strip_of = [&](int64_t n, int64_t begin, int64_t end) {
      const int64_t at = n * e.image();
      return Strip<T>{InputRows<T>(x.data<T>() + at, e), InputRows<T>(dy.data<T>() + at, e),
                      parameters, e, n, begin, end};
    };

    const Strips strips(e);
    std::vector<double> sum(e.n * strips.count * e.c), product(sum.size()), rest(sum.size());
    strips.each(e, [&](int64_t n, int64_t strip, int64_t begin, int64_t end) {
      const int64_t at = (n * strips.count + strip) * e.c;
      add_up(strip_of(n, begin, end), &means[n * wide],
             Sums<double>{&sum[at], &product[at], &rest[at]});
    });
    const double pixels = double(e.h * e.w);
    for (int64_t n = 0; n < e.n; ++n) {
      for (int64_t c = 0; c < e.c; ++c) {
        const int64_t from = n * strips.count * e.c + c, to = n * wide + c;
        const double sigma = rstd.data<float>()[n * e.c + c];
        const double all = total(sum, from, strips.count, e.c);
        // The true mean minus the rounded one.
        const double off = total(rest, from, strips.count, e.c) / pixels;
        const double centered = total(product, from, strips.count, e.c) - off * all;
        const double styled = centered * sigma;  // Σ dy · ŷ
        dstyle[n * 2 * e.c + c] = float(styled);
        dstyle[n * 2 * e.c + e.c + c] = float(all);
        const double tilt = styled / pixels * sigma;
        dy_means[to] = float(all / pixels - off * tilt);
        tilts[to] = float(tilt);
        scales[to] = float(sigma * (style.data<float>()[n * 2 * e.c + c] + 1));
      }
    }

    std::vector<float> strengths(e.n * strips.count * wide), biases(strengths.size());
    strips.each(e, [&](int64_t n, int64_t strip, int64_t begin, int64_t end) {
      const int64_t at = (n * strips.count + strip) * wide;
      const Backward b{&means[n * wide], &dy_means[n * wide], &tilts[n * wide], &scales[n * wide]};
      OutputRows<T> out(dx + n * e.image(), e);
      const auto run = blur ? apply_blurred<T> : apply<T>;
      run(strip_of(n, begin, end), b, std::move(out), &strengths[at], &biases[at]);
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
