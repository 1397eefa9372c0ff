// Images seen through affine maps, and the transpose of that. A grid of twice the resolution is
// sampled, then downsampled along each axis. A sample lies between two upsampled ones along each
// axis, which are sums over pixels: so it is a sum over 7×7 pixels, whose weights are products of
// one for the row and one for the column, and nothing is upsampled in memory.
//
// The transpose sums, for each pixel and its reflections, over the samples that read it: rows of
// samples, and columns of each row, that the map leads near the pixel. The order is fixed.
#include <cfloat>
#include <cmath>

#include "device.h"
#include "launchers.h"

namespace stylegan {
namespace {

constexpr int kTaps = 12;
constexpr int kMet = kTaps / 2 + 1;  // pixels that a sample reads along an axis
constexpr int kGroup = 4;            // channels of a thread, at most

using Filter = float[kTaps + 2];

// Twice the taps, with a zero before and after them. Every thread calls it.
__device__ inline void load_filter(const float* taps, Filter& filter) {
  const int i = int(threadIdx.x);
  if (i < kTaps + 2) filter[i] = i == 0 || i > kTaps ? 0 : 2 * __ldg(taps + i - 1);
  __syncthreads();
}

// One axis: an image of `size` pixels, continued by reflection to 3·size - 2, then upsampled.
struct Axis {
  int size;

  __host__ __device__ explicit Axis(int64_t pixels) : size(int(pixels)) {}
  __host__ __device__ int grid() const { return 2 * size + kTaps - 2; }
  __device__ int upsampled() const { return 2 * (3 * size - 2); }
  // Of a sample of the grid, in pixels from the centre.
  __device__ float centred(int sample) const { return 0.5f * sample - 0.25f * (grid() - 2); }
  // The inverse.
  __device__ float sample(float centred) const { return 2 * centred + 0.5f * (grid() - 2); }
  // Where a place in pixels from the centre lies among the upsampled samples. Of what is far away
  // it is only known that it is outside, and so is what is not a number.
  __device__ float place(float pixels) const {
    return fminf(fmaxf(__fmaf_rn(2, pixels, float(3 * size - 3)), -2.0f), float(upsampled()));
  }
  // The pixel that a continued one repeats, or -1 beyond its ends.
  __device__ int source(int continued) const {
    if (continued < 0 || continued >= 3 * size - 2) return -1;
    const int pixel = continued < size ? size - 1 - continued : continued - (size - 1);
    return pixel < size ? pixel : 2 * (size - 1) - pixel;
  }
  // Copy 0, 1 or 2 of a pixel among the continued ones, or -1 if it has no such copy.
  __device__ int copy(int pixel, int number) const {
    if (number == 0) return size - 1 + pixel;
    if (number == 1) return pixel > 0 ? size - 1 - pixel : -1;
    return pixel < size - 1 ? 3 * (size - 1) - pixel : -1;
  }
};

// A place between two upsampled samples: the first one, and the weights of both.
struct Between {
  int index;
  float before, after;

  __device__ Between(float place, const Axis& axis) {
    const float floor = floorf(place);
    const int last = axis.upsampled() - 1;
    index = int(floor);
    before = index >= 0 && index <= last ? 1 - (place - floor) : 0;
    after = index >= -1 && index < last ? place - floor : 0;
  }

  __device__ bool outside() const { return before + after == 0; }

  // The first of the kMet continued pixels that the two samples are made of.
  __device__ int first() const { return (index - 5) >> 1; }

  // The weight of a continued pixel.
  __device__ float of(int pixel, const Filter& filter) const {
    const int tap = index + 5 - 2 * pixel;
    return tap < -1 || tap >= kTaps ? 0 : before * filter[tap + 1] + after * filter[tap + 2];
  }
};

// A map from the result to the image. Its arithmetic is that of both directions, to the last bit.
struct Map {
  float m[6];

  __device__ Map(const float* matrices, int64_t image) {
#pragma unroll
    for (int i = 0; i < 6; ++i) m[i] = __ldg(matrices + 6 * image + i);
  }

  // Of other maps all places are outside.
  __device__ bool finite() const {
    bool all = true;
#pragma unroll
    for (int i = 0; i < 6; ++i) all = all && fabsf(m[i]) <= FLT_MAX;
    return all;
  }

  __device__ float row(int axis, float x, float y) const {
    return __fmaf_rn(m[3 * axis], x, __fmaf_rn(m[3 * axis + 1], y, m[3 * axis + 2]));
  }
};

// What one thread computes: up to kGroup channels of a pixel in [images, height, width, channels].
struct Element {
  int64_t image;
  int y, x, channel, count;

  __device__ Element(int height, int width, int64_t channels) {
    const int64_t groups = ceil_div<int64_t>(channels, kGroup);
    int64_t index = int64_t{blockIdx.x} * kThreads + threadIdx.x;
    channel = int(index % groups) * kGroup;
    count = int(minimum<int64_t>(kGroup, channels - channel));
    index /= groups;
    x = int(index % width);
    index /= width;
    y = int(index % height);
    image = index / height;
  }
};

int64_t blocks_of(const Warp& how, int64_t height, int64_t width) {
  const int64_t groups = ceil_div<int64_t>(how.channels, kGroup);
  return ceil_div<int64_t>(how.images * height * width * groups, kThreads);
}

__global__ void __launch_bounds__(kThreads, kManyResident)
    sample_kernel(Warp how, const float* __restrict__ images, const float* __restrict__ matrices,
                  const float* __restrict__ taps, float* __restrict__ grid) {
  STYLEGAN_SHARED(Filter, filter);
  load_filter(taps, filter);
  const Axis rows(how.height), columns(how.width);
  const Element e(rows.grid(), columns.grid(), how.channels);
  if (e.image >= how.images) return;
  const Map map(matrices, e.image);
  const float x = columns.centred(e.x), y = rows.centred(e.y);
  const Between across(columns.place(map.row(0, x, y)), columns);
  const Between down(rows.place(map.row(1, x, y)), rows);
  float sum[kGroup] = {};
  if (!across.outside() && !down.outside()) {
    int64_t at[kMet];
    float weights[kMet];
#pragma unroll
    for (int i = 0; i < kMet; ++i) {
      const int pixel = across.first() + i, source = columns.source(pixel);
      weights[i] = source < 0 ? 0 : across.of(pixel, filter);
      at[i] = maximum(source, 0) * how.channels;
    }
    for (int j = 0; j < kMet; ++j) {
      const int pixel = down.first() + j, source = rows.source(pixel);
      const float weight = down.of(pixel, filter);
      if (source < 0 || weight == 0) continue;
      const int64_t row = (e.image * how.height + source) * how.width * how.channels;
#pragma unroll
      for (int i = 0; i < kMet; ++i) {
        const float* from = images + row + at[i] + e.channel;
#pragma unroll
        for (int c = 0; c < kGroup; ++c) {
          if (c < e.count) sum[c] += weight * weights[i] * __ldg(from + c);
        }
      }
    }
  }
  float* to = grid + ((e.image * rows.grid() + e.y) * columns.grid() + e.x) * how.channels;
#pragma unroll
  for (int c = 0; c < kGroup; ++c) {
    if (c < e.count) to[e.channel + c] = sum[c];
  }
}

// The samples of the grid that can read a continued pixel: those whose places are near it. There
// are more than that by a sample at each end, and for rounding.
class Reach {
 public:
  __device__ Reach(const Map& map, const Axis& rows, const Axis& columns)
      : map_(map), rows_(rows), columns_(columns) {
    const float* m = map.m;
    const float determinant = m[0] * m[4] - m[1] * m[3];
    const float squares = m[0] * m[0] + m[1] * m[1] + m[3] * m[3] + m[4] * m[4];
    flat_ = !(fabsf(determinant) * kFlat > squares) || !(squares <= FLT_MAX);
    down_[0] = -m[3] / determinant, down_[1] = m[0] / determinant;
    for (int k = 0; k < 2; ++k) {
      const float far = fabsf(m[3 * k]) * columns.size + fabsf(m[3 * k + 1]) * rows.size;
      const float size = float(k == 0 ? columns.size : rows.size);
      half_[k] = 3.25f + 1e-6f * (4 * far + fabsf(m[3 * k + 2]) + 4 * size);
      inverse_[k] = 1 / m[3 * k];  // can be infinite
    }
  }

  // Where the middle of the places that read a continued pixel lies, from 2·pixel - 6 to
  // 2·pixel + 7 among the upsampled samples: in pixels from the centre.
  __device__ static float middle(const Axis& axis, int pixel) {
    return pixel + 0.25f - 1.5f * (axis.size - 1);
  }

  // The first and the last row of samples for such a middle: all, if the map almost flattens the
  // image.
  __device__ void rows(float x, float y, int (&ends)[2]) const {
    const float at = down_[0] * (x - map_.m[2]) + down_[1] * (y - map_.m[5]);
    const float more = fabsf(down_[0]) * half_[0] + fabsf(down_[1]) * half_[1];
    store(rows_, flat_ ? -INFINITY : at - more, flat_ ? INFINITY : at + more, ends);
  }

  // The first and the last column in a row of samples that is at `row`, in pixels from the centre.
  __device__ void columns(float x, float y, float row, int (&ends)[2]) const {
    float low = -INFINITY, high = INFINITY;
    for (int k = 0; k < 2; ++k) {
      const float rest = (k == 0 ? x : y) - map_.m[3 * k + 1] * row - map_.m[3 * k + 2];
      const float a = (rest - half_[k]) * inverse_[k], b = (rest + half_[k]) * inverse_[k];
      low = fmaxf(low, fminf(a, b));
      high = fminf(high, fmaxf(a, b));
    }
    store(columns_, low, high, ends);
  }

 private:
  static constexpr float kFlat = 100;  // about how much longer than wide a pixel can become

  __device__ static void store(const Axis& axis, float low, float high, int (&ends)[2]) {
    const float last = float(axis.grid() - 1);
    ends[0] = int(fminf(fmaxf(floorf(axis.sample(low)) - 1, 0.0f), last + 1));
    ends[1] = int(fmaxf(fminf(ceilf(axis.sample(high)) + 1, last), -1.0f));
  }

  const Map& map_;
  const Axis &rows_, &columns_;
  bool flat_;
  float down_[2], half_[2], inverse_[2];  // the second row of the inverse; by coordinate of places
};

__global__ void __launch_bounds__(kThreads, kManyResident)
    spread_kernel(Warp how, const float* __restrict__ grid, const float* __restrict__ matrices,
                  const float* __restrict__ taps, float* __restrict__ images) {
  STYLEGAN_SHARED(Filter, filter);
  load_filter(taps, filter);
  const Axis rows(how.height), columns(how.width);
  const Element e(rows.size, columns.size, how.channels);
  if (e.image >= how.images) return;
  const Map map(matrices, e.image);
  const Reach reach(map, rows, columns);
  float sum[kGroup] = {};
  for (int copy = 0; copy < 9 && map.finite(); ++copy) {
    const int pixel_y = rows.copy(e.y, copy / 3), pixel_x = columns.copy(e.x, copy % 3);
    if (pixel_y < 0 || pixel_x < 0) continue;
    const float to_y = Reach::middle(rows, pixel_y), to_x = Reach::middle(columns, pixel_x);
    int ys[2], xs[2];
    reach.rows(to_x, to_y, ys);
    for (int j = ys[0]; j <= ys[1]; ++j) {
      const float y = rows.centred(j);
      reach.columns(to_x, to_y, y, xs);
      const float* row = grid + (e.image * rows.grid() + j) * columns.grid() * how.channels;
      for (int i = xs[0]; i <= xs[1]; ++i) {
        const float x = columns.centred(i);
        const Between across(columns.place(map.row(0, x, y)), columns);
        const Between down(rows.place(map.row(1, x, y)), rows);
        const float weight = down.of(pixel_y, filter) * across.of(pixel_x, filter);
        if (weight == 0) continue;
#pragma unroll
        for (int c = 0; c < kGroup; ++c) {
          if (c < e.count) sum[c] += weight * __ldg(row + i * how.channels + e.channel + c);
        }
      }
    }
  }
  float* to = images + ((e.image * how.height + e.y) * how.width + e.x) * how.channels;
#pragma unroll
  for (int c = 0; c < kGroup; ++c) {
    if (c < e.count) to[e.channel + c] = sum[c];
  }
}

// Downsamples [outer, 2·length + 10, inner] to [outer, length, inner], or the transpose of that.
template <bool kTranspose>
__global__ void __launch_bounds__(kThreads, kManyResident)
    downsample_kernel(int64_t outer, int64_t length, int64_t inner, const float* __restrict__ from,
                      const float* __restrict__ taps, float* __restrict__ to) {
  const int64_t samples = 2 * length + kTaps - 2;
  int64_t index = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const int64_t written = kTranspose ? samples : length, read = kTranspose ? length : samples;
  if (index >= outer * written * inner) return;
  const int64_t at = index / inner % written;
  from += index / inner / written * read * inner + index % inner;
  float sum = 0;
  if (kTranspose) {
    for (int64_t tap = at % 2; tap < kTaps; tap += 2) {
      const int64_t pixel = (at - tap) / 2;
      if (tap <= at && pixel < length) sum += __ldg(taps + tap) * __ldg(from + pixel * inner);
    }
  } else {
#pragma unroll
    for (int tap = 0; tap < kTaps; ++tap) {
      sum += __ldg(taps + tap) * __ldg(from + (2 * at + tap) * inner);
    }
  }
  to[index] = sum;
}

template <bool kTranspose>
cudaError_t downsample(int64_t outer, int64_t length, int64_t inner, const float* from,
                       const float* taps, float* to, cudaStream_t stream) {
  const int64_t written = kTranspose ? 2 * length + kTaps - 2 : length;
  const int64_t blocks = ceil_div<int64_t>(outer * written * inner, kThreads);
  return launch(downsample_kernel<kTranspose>, blocks, stream, outer, length, inner, from, taps,
                to);
}

}  // namespace

cudaError_t affine_warp(const Warp& how, const float* x, const float* matrices, const float* taps,
                        float* y, void* workspace, cudaStream_t stream) {
  const int64_t n = how.images, h = how.height, w = how.width, c = how.channels;
  const int64_t grid_h = Axis(h).grid(), grid_w = Axis(w).grid();
  float* grid = static_cast<float*>(workspace);    // [images, grid_h, grid_w, channels]
  float* narrow = grid + n * grid_h * grid_w * c;  // [images, grid_h, width, channels]
  cudaError_t error;
  if (how.transpose) {
    error = downsample<true>(n, h, w * c, x, taps, narrow, stream);
    if (error != cudaSuccess) return error;
    error = downsample<true>(n * grid_h, w, c, narrow, taps, grid, stream);
    if (error != cudaSuccess) return error;
    return launch(spread_kernel, blocks_of(how, h, w), stream, how, grid, matrices, taps, y);
  }
  error = launch(sample_kernel, blocks_of(how, grid_h, grid_w), stream, how, x, matrices, taps,
                 grid);
  if (error != cudaSuccess) return error;
  error = downsample<false>(n * grid_h, w, c, grid, taps, narrow, stream);
  if (error != cudaSuccess) return error;
  return downsample<false>(n, h, w * c, narrow, taps, y, stream);
}

int64_t affine_warp_workspace_bytes(const Warp& how) {
  const int64_t grid_w = Axis(how.width).grid();
  const int64_t rows = how.images * Axis(how.height).grid();
  return rows * (grid_w + how.width) * how.channels * int64_t{sizeof(float)};
}

}  // namespace stylegan
