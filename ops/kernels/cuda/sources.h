// Sources of a kernel's input: the pixels, or the blurred pixels, of rows [begin, end) of a column,
// one row at each next().
#pragma once

#include "strips.h"
#include "vectors.h"

namespace stylegan {

template <class T, int V>
class Plain {
 public:
  __device__ Plain(const T* x, const Strips& s, const Walk& walk, int64_t begin, int64_t = 0)
      : from_(x + walk.offset(s, begin)), step_(s.width * s.channels) {}

  __device__ void next(float (&out)[V]) {
    load(from_, out);
    from_ += step_;
  }

 private:
  const T* from_;
  int64_t step_;
};

// The rows from `begin` on, of which those in [0, end) exist. For the others the pointer stays at
// the nearest row that exists, since the GPU need not wait for a load without a condition.
class Rows {
 public:
  __device__ Rows(int64_t begin, int64_t end) {
    const int64_t first = maximum<int64_t>(begin, 0);
    row_ = int(begin - first);
    count_ = int(maximum<int64_t>(end - first, 0));
  }

  __device__ bool there() const { return row_ >= 0 && row_ < count_; }

  // Whether the pointer must move to the next row.
  __device__ bool next() {
    ++row_;
    return row_ > 0 && row_ < count_;
  }

 private:
  int row_, count_;  // from the first that exists; a strip's fit into 32 bits
};

// The pixels, and zeros outside of the image. The next row is loaded while the current one is used.
template <class T, int V>
class Ahead {
 public:
  __device__ Ahead(const T* x, const Strips& s, const Walk& walk, int64_t begin, int64_t end)
      : from_(x + walk.offset(s, maximum<int64_t>(begin, 0))),
        step_(s.width * s.channels),
        rows_(begin, minimum(end, s.rows)) {
    packed_.fetch(from_);
  }

  // Whether the next row is in the image.
  __device__ bool there() const { return rows_.there(); }

  __device__ void next(float (&out)[V]) {
    packed_.unpack(there(), out);
    if (rows_.next()) from_ += step_;
    packed_.fetch(from_);
  }

 private:
  const T* from_;
  int64_t step_;
  Rows rows_;
  Packed<T, V> packed_;
};

// The pixels filtered with [1, 2, 1]⊗[1, 2, 1] / 16, zeros outside. It keeps the horizontal sums of
// two rows, and loads the next row ahead.
template <class T, int V>
class Blurred {
 public:
  __device__ Blurred(const T* x, const Strips& s, const Walk& walk, int64_t begin, int64_t end)
      : from_(x + walk.offset(s, maximum<int64_t>(begin - 1, 0))),
        step_(s.width * s.channels),
        left_at_(walk.x > 0 ? -s.channels : 0),
        right_at_(walk.x + 1 < s.width ? s.channels : 0),
        rows_(begin - 1, minimum(end + 1, s.rows)) {
    fetch();
    float above[V];
    take(above);
    take(here_);
#pragma unroll
    for (int v = 0; v < V; ++v) above_[v] = above[v] + 2 * here_[v];
  }

  __device__ void next(float (&out)[V]) {
    float below[V];
    take(below);
#pragma unroll
    for (int v = 0; v < V; ++v) {
      out[v] = (above_[v] + below[v]) * (1.0f / 16);
      above_[v] = here_[v] + 2 * below[v];
      here_[v] = below[v];
    }
  }

 private:
  __device__ void fetch() {
    left_.fetch(from_ + left_at_);
    middle_.fetch(from_);
    right_.fetch(from_ + right_at_);
  }

  // Returns the horizontal sums of the fetched row and fetches the next one.
  __device__ void take(float (&sums)[V]) {
    float left[V], middle[V], right[V];
    const bool there = rows_.there();
    left_.unpack(there && left_at_ != 0, left);
    middle_.unpack(there, middle);
    right_.unpack(there && right_at_ != 0, right);
    if (rows_.next()) from_ += step_;
    fetch();
#pragma unroll
    for (int v = 0; v < V; ++v) sums[v] = left[v] + 2 * middle[v] + right[v];
  }

  const T* from_;
  int64_t step_, left_at_, right_at_;
  Rows rows_;
  Packed<T, V> left_, middle_, right_;
  float above_[V], here_[V];  // the row above and twice this one; this one
};

template <class T, int V, bool kBlur>
using Source = std::conditional_t<kBlur, Blurred<T, V>, Plain<T, V>>;

// The source of another tensor beside x. A blur has too few threads to hide the wait for each row.
template <class T, int V, bool kBlur>
using Beside = std::conditional_t<kBlur, Ahead<T, V>, Plain<T, V>>;

}  // namespace stylegan
