// What a kernel reads going down rows [begin, end) of a column, a row at each next(): the pixels
// themselves, or the blurred ones.
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

// Rows going down from `begin`, of which those in [0, end) are there. For the others the pointer stays
// at the nearest one that is: a load without a condition is one that need not be waited for.
class Rows {
 public:
  __device__ Rows(int64_t begin, int64_t end) {
    const int64_t first = greatest<int64_t>(begin, 0);
    row_ = int(begin - first);
    count_ = int(greatest<int64_t>(end - first, 0));
  }

  __device__ bool there() const { return row_ >= 0 && row_ < count_; }

  // Whether the next row is another one.
  __device__ bool next() {
    ++row_;
    return row_ > 0 && row_ < count_;
  }

 private:
  int row_, count_;  // from the first that is there; those of a strip can be counted in 32 bits
};

// The pixels, and zeros outside of the image. The next row is on its way while one is worked on.
template <class T, int V>
class Ahead {
 public:
  __device__ Ahead(const T* x, const Strips& s, const Walk& walk, int64_t begin, int64_t end)
      : from_(x + walk.offset(s, greatest<int64_t>(begin, 0))),
        step_(s.width * s.channels),
        rows_(begin, least(end, s.rows)) {
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

// [1, 2, 1]⊗[1, 2, 1] / 16 with zeros outside: the horizontal sums of two rows are kept, and the next
// row is on its way.
template <class T, int V>
class Blurred {
 public:
  __device__ Blurred(const T* x, const Strips& s, const Walk& walk, int64_t begin, int64_t end)
      : from_(x + walk.offset(s, greatest<int64_t>(begin - 1, 0))),
        step_(s.width * s.channels),
        left_at_(walk.x > 0 ? -s.channels : 0),
        right_at_(walk.x + 1 < s.width ? s.channels : 0),
        rows_(begin - 1, least(end + 1, s.rows)) {
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

  // The sums of the row that was fetched; the next one is after that.
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

// What is read beside it: a blur's threads are too few to wait for each row.
template <class T, int V, bool kBlur>
using Beside = std::conditional_t<kBlur, Ahead<T, V>, Plain<T, V>>;

}  // namespace stylegan
