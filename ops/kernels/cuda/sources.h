// What a kernel reads going down a column: the pixels themselves, or the blurred ones.
#pragma once

#include "strips.h"
#include "vectors.h"

namespace stylegan {

template <class T, int V>
class Plain {
 public:
  __device__ Plain(const T* x, const Strips& s, const Walk& walk, int64_t y)
      : from_(x + walk.offset(s, y)), step_(s.width * s.channels) {}

  __device__ void next(float (&out)[V]) {
    load(from_, out);
    from_ += step_;
  }

 private:
  const T* from_;
  int64_t step_;
};

// [1, 2, 1]⊗[1, 2, 1] / 16 with zeros outside: the horizontal sums of two rows are kept.
template <class T, int V>
class Blurred {
 public:
  __device__ Blurred(const T* x, const Strips& s, const Walk& walk, int64_t y)
      : from_(x + walk.offset(s, y - 1)),
        step_(s.width * s.channels),
        channels_(s.channels),
        y_(y - 1),
        rows_(s.rows),
        left_(walk.x > 0),
        right_(walk.x + 1 < s.width) {
    row(above_);
    row(here_);
  }

  __device__ void next(float (&out)[V]) {
    float below[V];
    row(below);
#pragma unroll
    for (int v = 0; v < V; ++v) {
      out[v] = (above_[v] + 2 * here_[v] + below[v]) * (1.0f / 16);
      above_[v] = here_[v];
      here_[v] = below[v];
    }
  }

 private:
  // The sums of the next row.
  __device__ void row(float (&sums)[V]) {
    float middle[V] = {}, left[V] = {}, right[V] = {};
    if (y_ >= 0 && y_ < rows_) {
      load(from_, middle);
      if (left_) load(from_ - channels_, left);
      if (right_) load(from_ + channels_, right);
    }
#pragma unroll
    for (int v = 0; v < V; ++v) sums[v] = left[v] + 2 * middle[v] + right[v];
    from_ += step_;
    ++y_;
  }

  const T* from_;
  int64_t step_, channels_, y_, rows_;
  bool left_, right_;
  float above_[V], here_[V];
};

template <class T, int V, bool kBlur>
using Source = std::conditional_t<kBlur, Blurred<T, V>, Plain<T, V>>;

}  // namespace stylegan
