// How blocks divide images: a block takes a strip, some columns of pixels by some rows by up to 32
// vectors of channels. A thread keeps its column and its channels and walks down the rows, so the
// values of a channel, and for a blur the rows above, stay in registers.
#pragma once

#include "device.h"

namespace stylegan {

// Independent of the GPU, so that all of them add up in the same order.
constexpr int64_t kBlocks = 1024;  // the target, to fill a GPU
constexpr int64_t kMinRows = 8;

struct Strips {
  int64_t images, rows, width, channels;
  int64_t pixels;  // of an image; its last row may be a short one
  int64_t strip_rows = 0;
  unsigned column_tiles = 0, x_tiles = 0, strips = 0;
  int lanes_log2 = 0;  // consecutive threads take the channels of a pixel
  int halo = 0;        // columns at each side which the neighbour's block owns

  int64_t chunks() const { return int64_t{x_tiles} * strips; }  // blocks that share a channel
  int64_t blocks() const { return images * column_tiles * chunks(); }
};

inline int lanes_log2(int64_t vectors) {
  int log2 = 0;
  while (log2 < 5 && (1 << log2) < vectors) ++log2;
  return log2;
}

// Strips over [images, height, width, channels], in vectors of V.
inline Strips strips_of(int64_t images, int64_t height, int64_t width, int64_t channels, int V,
                        int halo = 0) {
  Strips s{images, height, width, channels, height * width};
  s.halo = halo;
  s.lanes_log2 = lanes_log2(channels / V);
  const int64_t columns = (kThreads >> s.lanes_log2) - 2 * halo;
  s.column_tiles = unsigned(ceil_div<int64_t>(channels / V, 1 << s.lanes_log2));
  s.x_tiles = unsigned(ceil_div(width, columns));
  const int64_t others = maximum<int64_t>(1, images * s.column_tiles * s.x_tiles);
  const int64_t strips = maximum<int64_t>(1, kBlocks / others);
  s.strip_rows = maximum(kMinRows, ceil_div(height, strips));
  s.strips = unsigned(ceil_div(height, s.strip_rows));
  return s;
}

// Strips over [images, pixels, channels], for kernels that do not depend on the shape of images.
inline Strips flat_strips(int64_t images, int64_t pixels, int64_t channels, int V) {
  const int64_t width = kThreads >> lanes_log2(channels / V);
  Strips s = strips_of(images, ceil_div(pixels, width), width, channels, V);
  s.pixels = pixels;
  return s;
}

// The part of a strip that one thread takes.
struct Walk {
  int64_t image, channel, x, begin, end;  // the first channel; rows of the strip
  int64_t chunk;                          // of the blocks that share the channels
  bool inside;                            // the column and the channels exist
  bool owned;                             // and are not a neighbour's

  __device__ Walk(const Strips& s, int V) {
    unsigned block = blockIdx.x;
    const int lanes = 1 << s.lanes_log2, columns = kThreads >> s.lanes_log2;
    const int lane = threadIdx.x & (lanes - 1), column = int(threadIdx.x) >> s.lanes_log2;
    channel = (int64_t{block % s.column_tiles} * lanes + lane) * V;
    block /= s.column_tiles;
    x = int64_t{block % s.x_tiles} * (columns - 2 * s.halo) + column - s.halo;
    chunk = block % (s.x_tiles * s.strips);
    block /= s.x_tiles;
    begin = int64_t{block % s.strips} * s.strip_rows;
    image = block / s.strips;
    end = minimum(begin + s.strip_rows, s.rows);
    inside = channel < s.channels && x >= 0 && x < s.width;
    owned = inside && column >= s.halo && column < columns - s.halo;
  }

  // The same part or, if not inside, the nearest one that is.
  __device__ Walk clamped(const Strips& s, int V) const {
    Walk moved = *this;
    moved.channel = minimum(channel, s.channels - V);
    moved.x = maximum(int64_t{0}, minimum(x, s.width - 1));
    return moved;
  }

  // The end of the rows in which this column has a pixel.
  __device__ int64_t last(const Strips& s) const {
    return (end - 1) * s.width + x < s.pixels ? end : end - 1;
  }

  __device__ int64_t offset(const Strips& s, int64_t y) const {
    return (image * s.pixels + y * s.width + x) * s.channels + channel;
  }
};

}  // namespace stylegan
