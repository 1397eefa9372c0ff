// Images seen through affine maps: upsampling, bilinear sampling, downsampling, and their
// transposes. Of each upsampled image only the part is computed that its map reaches.
#include <cmath>

#include "framework.h"
#include "pool.h"
#include "rows.h"

namespace stylegan {
namespace {

constexpr int kTaps = 12, kHalf = kTaps / 2;

using Rows = const float* [kHalf];

// to = Σ taps[k] · rows[k], or adds that to it.
template <bool kAdd = false>
INLINE void filter(const Rows& rows, const float* taps, int64_t length, float* to) {
  along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA {
    VecF32 sum = kAdd ? get(to + i, n) : VecF32{};
    for (int k = 0; k < kHalf; ++k) sum += taps[k] * get(rows[k] + i, n);
    put(to + i, sum, n);
  });
}

// to += tap · from
INLINE void add(const float* from, float tap, int64_t length, float* to) {
  along(length, [&](int64_t i, int64_t n) INLINE_LAMBDA {
    put(to + i, get(to + i, n) + tap * get(from + i, n), n);
  });
}

// The filter's taps by the parity of what they make or take: those of upsampling in the order of
// the pixels that they take.
struct Taps {
  float up[2][kHalf], down[2][kHalf], all[kTaps];
  explicit Taps(const float* taps) {
    for (int k = 0; k < kHalf; ++k) {
      up[0][k] = 2 * taps[kTaps - 1 - 2 * k];
      up[1][k] = 2 * taps[kTaps - 2 - 2 * k];
      down[0][k] = taps[2 * k];
      down[1][k] = taps[2 * k + 1];
    }
    std::copy(taps, taps + kTaps, all);
  }
};

// One axis: an image of `size` pixels, continued by reflection to 3·size - 2, of which pixels
// `first` to `first + count - 1` are upsampled. The grid has 2·size + 10 samples.
struct Axis {
  int64_t size, first = 0, count = 1;
  int64_t grid() const { return 2 * size + kTaps - 2; }
  int64_t upsampled() const { return 2 * (3 * size - 2); }
  float centred(int64_t sample) const { return (sample - (grid() - 1) * 0.5f + 0.5f) * 0.5f; }
  // Where a place in pixels from the centre lies among all upsampled samples. Of what is far away
  // it is only known that it is outside.
  float place(float pixels) const {
    const float samples = 2 * pixels + (3 * size - 3);
    return std::fmin(std::fmax(samples, -2.0f), float(upsampled()));
  }
  // The pixel that a continued one repeats, or -1 beyond its ends.
  int64_t source(int64_t continued) const {
    if (continued < 0 || continued >= 3 * size - 2) return -1;
    const int64_t pixel = std::abs(continued - (size - 1));
    return size - 1 - std::abs(size - 1 - pixel);
  }
  // Of upsampled sample number `sample` of the part: the pixels that it is made of.
  int64_t first_source(int64_t sample) const { return first + sample / 2 - 3 + sample % 2; }
  // Lets the part hold all samples between two places and their neighbours.
  void reach(float from, float to) {
    const int64_t low = std::clamp<int64_t>(std::floor(from), 0, upsampled() - 1);
    const int64_t high = std::clamp<int64_t>(std::floor(to) + 1, low, upsampled() - 1);
    first = low / 2;
    count = high / 2 + 1 - first;
  }
};

// A place between two samples of the part: the first one, and the weights of both.
struct Between {
  int64_t index;
  float before, after;
  INLINE Between(float place, const Axis& axis) {
    const float floor = std::floor(place);
    const int64_t sample = int64_t(floor), last = axis.upsampled() - 1;
    index = sample - 2 * axis.first;
    before = sample >= 0 && sample <= last ? 1 - (place - floor) : 0;
    after = sample >= -1 && sample < last ? place - floor : 0;
  }
};

// The work on one image.
class Warp {
 public:
  Warp(const Extent& e, const float* matrix, const Taps& taps)
      : c_(e.c), m_(matrix), taps_(taps), y_{e.h}, x_{e.w} {
    float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int corner = 0; corner < 4; ++corner) {
      const float x = x_.centred(corner % 2 ? x_.grid() - 1 : 0);
      const float y = y_.centred(corner / 2 ? y_.grid() - 1 : 0);
      const float places[2] = {y_.place(map(1, x, y)), x_.place(map(0, x, y))};
      for (int axis = 0; axis < 2; ++axis) {
        low[axis] = std::fmin(low[axis], places[axis]);
        high[axis] = std::fmax(high[axis], places[axis]);
      }
    }
    // Rounding differs along an edge: one sample more on both sides.
    y_.reach(low[0] - 1, high[0] + 1);
    x_.reach(low[1] - 1, high[1] + 1);
    row_ = 2 * x_.count * c_;
    wide_.resize(e.h * row_);
    large_.resize((2 * y_.count + 2) * (row_ + 2 * c_));
    continued_.resize((x_.count + kHalf) * c_);
    for (auto& phase : phases_) phase.resize((x_.grid() / 2 + x_.count) * c_);
    narrow_.resize(y_.grid() * e.w * c_);
  }

  INLINE void forward(const float* x, float* out) {
    for (int64_t y = 0; y < y_.size; ++y) widen(x + y * x_.size * c_, &wide_[y * row_]);
    std::fill(large_.begin(), large_.end(), 0.0f);
    for (int64_t j = 0; j < 2 * y_.count; ++j) {
      Rows rows;
      float taps[kHalf];
      sources(j, rows, taps);
      filter(rows, taps, row_, sample(j, 0));
    }
    const int64_t length = x_.size * c_;
    for (int64_t j = 0; j < y_.grid(); ++j) {
      sample_row<false>(j);
      float* to = &narrow_[j * length];
      for (int phase = 0; phase < 2; ++phase) {
        Rows rows;
        for (int k = 0; k < kHalf; ++k) rows[k] = &phases_[phase][k * c_];
        phase ? filter<true>(rows, taps_.down[1], length, to)
              : filter<false>(rows, taps_.down[0], length, to);
      }
    }
    std::fill(out, out + y_.size * length, 0.0f);
    for (int64_t y = 0; y < y_.size; ++y)
      for (int k = 0; k < kTaps; ++k)
        add(&narrow_[(2 * y + k) * length], taps_.all[k], length, out + y * length);
  }

  INLINE void transposed(const float* dy, float* dx) {
    const int64_t length = x_.size * c_;
    std::fill(narrow_.begin(), narrow_.end(), 0.0f);
    for (int64_t y = 0; y < y_.size; ++y)
      for (int k = 0; k < kTaps; ++k)
        add(dy + y * length, taps_.all[k], length, &narrow_[(2 * y + k) * length]);
    std::fill(large_.begin(), large_.end(), 0.0f);
    for (int64_t j = 0; j < y_.grid(); ++j) {
      for (int phase = 0; phase < 2; ++phase) {
        std::fill(phases_[phase].begin(), phases_[phase].end(), 0.0f);
        for (int k = 0; k < kHalf; ++k)
          add(&narrow_[j * length], taps_.down[phase][k], length, &phases_[phase][k * c_]);
      }
      sample_row<true>(j);
    }
    std::fill(wide_.begin(), wide_.end(), 0.0f);
    for (int64_t j = 0; j < 2 * y_.count; ++j) {
      Rows rows;
      float taps[kHalf];
      sources(j, rows, taps);
      for (int k = 0; k < kHalf; ++k)
        add(sample(j, 0), taps[k], row_, const_cast<float*>(rows[k]));
    }
    for (int64_t y = 0; y < y_.size; ++y) narrow(&wide_[y * row_], dx + y * length);
  }

 private:
  INLINE float map(int row, float x, float y) const {
    return m_[3 * row] * x + m_[3 * row + 1] * y + m_[3 * row + 2];
  }

  // A sample of the upsampled part, which has a border of zeros: neighbours of weight 0 are there.
  INLINE float* sample(int64_t j, int64_t i) {
    return &large_[(j + 1) * (row_ + 2 * c_) + (i + 1) * c_];
  }

  // The rows that an upsampled row is made of, and their taps: 0 for those that are outside.
  INLINE void sources(int64_t j, Rows& rows, float* taps) {
    for (int k = 0; k < kHalf; ++k) {
      const int64_t source = y_.source(y_.first_source(j) + k);
      rows[k] = &wide_[std::max<int64_t>(source, 0) * row_];
      taps[k] = source < 0 ? 0 : taps_.up[j % 2][k];
    }
  }

  // Upsamples a row of pixels.
  INLINE void widen(const float* from, float* to) {
    for (int64_t i = 0; i < x_.count + kHalf; ++i) {
      const int64_t source = x_.source(x_.first - 3 + i);
      for (int64_t c = 0; c < c_; ++c)
        continued_[i * c_ + c] = source < 0 ? 0 : from[source * c_ + c];
    }
    for (int phase = 0; phase < 2; ++phase) {
      Rows rows;
      for (int k = 0; k < kHalf; ++k) rows[k] = &continued_[(k + phase) * c_];
      float* made = phases_[phase].data();
      filter(rows, taps_.up[phase], x_.count * c_, made);
      for (int64_t i = 0; i < x_.count; ++i)
        for (int64_t c = 0; c < c_; ++c) to[(2 * i + phase) * c_ + c] = made[i * c_ + c];
    }
  }

  // The transpose.
  INLINE void narrow(const float* from, float* to) {
    std::fill(continued_.begin(), continued_.end(), 0.0f);
    for (int phase = 0; phase < 2; ++phase) {
      float* made = phases_[phase].data();
      for (int64_t i = 0; i < x_.count; ++i)
        for (int64_t c = 0; c < c_; ++c) made[i * c_ + c] = from[(2 * i + phase) * c_ + c];
      for (int k = 0; k < kHalf; ++k)
        add(made, taps_.up[phase][k], x_.count * c_, &continued_[(k + phase) * c_]);
    }
    std::fill(to, to + x_.size * c_, 0.0f);
    for (int64_t i = 0; i < x_.count + kHalf; ++i) {
      const int64_t source = x_.source(x_.first - 3 + i);
      if (source < 0) continue;
      for (int64_t c = 0; c < c_; ++c) to[source * c_ + c] += continued_[i * c_ + c];
    }
  }

  template <bool kTransposed>
  INLINE void sample_row(int64_t j) {
    switch (c_) {
      case 1: return sample_pixels<kTransposed, 1>(j);
      case 3: return sample_pixels<kTransposed, 3>(j);
      case 4: return sample_pixels<kTransposed, 4>(j);
      default: return sample_pixels<kTransposed, 0>(j);
    }
  }

  // Row j of the grid, even and odd samples apart: reads them from the upsampled image, or adds
  // them there.
  template <bool kTransposed, int kC>
  INLINE void sample_pixels(int64_t j) {
    const int64_t channels = kC ? kC : c_, below = row_ + 2 * c_;
    const float y = y_.centred(j);
    for (int64_t i = 0; i < x_.grid(); ++i) {
      const float x = x_.centred(i);
      const Between v(y_.place(map(1, x, y)), y_), h(x_.place(map(0, x, y)), x_);
      float* s = &phases_[i % 2][i / 2 * channels];
      if (v.before + v.after == 0 || h.before + h.after == 0) {  // outside
        if (!kTransposed) std::fill(s, s + channels, 0.0f);
        continue;
      }
      const float w[4] = {v.before * h.before, v.before * h.after, v.after * h.before,
                          v.after * h.after};
      float *upper = sample(v.index, h.index), *lower = upper + below;
      for (int64_t c = 0; c < channels; ++c) {
        if (kTransposed) {
          upper[c] += w[0] * s[c];
          upper[channels + c] += w[1] * s[c];
          lower[c] += w[2] * s[c];
          lower[channels + c] += w[3] * s[c];
        } else {
          s[c] = w[0] * upper[c] + w[1] * upper[channels + c] + w[2] * lower[c] +
                 w[3] * lower[channels + c];
        }
      }
    }
  }

  int64_t c_, row_ = 0;
  const float* m_;
  const Taps& taps_;
  Axis y_, x_;
  // The image upsampled along rows; along both; a row continued; even and odd samples of a row;
  // the grid downsampled along rows.
  std::vector<float> wide_, large_, continued_, phases_[2], narrow_;
};

CLONES void run(Warp& warp, bool transpose, const float* from, float* to) {
  transpose ? warp.transposed(from, to) : warp.forward(from, to);
}

struct AffineWarp {
  bool transpose;
  explicit AffineWarp(Attributes& attributes) : transpose(attributes.flag("transpose")) {}

  void compute(Context& context) const {
    const Tensor x = context.input(0), matrices = context.input(1), taps = context.input(2);
    const Shape& shape = x.shape();
    require(shape.size() == 4 && (x.size() == 0 || (shape[1] > 1 && shape[2] > 1)),
            "x must be [N, H, W, C] of at least 2×2 pixels");
    const Extent e{shape[0], shape[1], shape[2], shape[3]};
    require(matrices.size() == 6 * e.n, "matrices must be [N, 2, 3]");
    require(taps.size() == kTaps, "taps must be [12]");
    float* y = context.output<float>(0, {e.n, e.h, e.w, e.c});
    if (e.size() == 0) return;
    const Taps sorted(taps.data<float>());
    parallel(e.n, e.size() * 100, [&](int64_t n) {
      Warp warp(e, matrices.data<float>() + 6 * n, sorted);
      run(warp, transpose, x.data<float>() + n * e.image(), y + n * e.image());
    });
  }
};

int register_it() {
  register_op("StyleganAffineWarp", {"x: T", "matrices: float", "taps: float"}, {"y: T"},
              {"transpose: bool"}, Result::kLikeFirstInput);
  register_kernel<AffineWarp>("StyleganAffineWarp", TF_FLOAT);
  return 0;
}

const int registered = register_it();

}  // namespace
}  // namespace stylegan
