// Squares of an image's pixels, transformed along both axes.
#pragma once

#include "rows.h"

namespace stylegan {

// A square of an image's pixels with a distance of `apart` between neighbours.
template <int side>
struct Square {
  int64_t top, left, apart;

  INLINE bool within(const Extent& e) const {
    const int64_t reach = (side - 1) * apart;
    return top >= 0 && left >= 0 && top + reach < e.h && left + reach < e.w;
  }

  INLINE int64_t corner(const Extent& e) const { return top * e.row() + left * e.c; }

  // Calls copy(offset in the square, offset in the image) for the pixels inside of the image, where
  // a square reaches beyond its edge.
  template <class Copy>
  void each_inside(const Extent& e, const Copy& copy) const {
    for (int i = 0; i < side; ++i) {
      for (int j = 0; j < side; ++j) {
        const int64_t y = top + i * apart, x = left + j * apart;
        if (y >= 0 && x >= 0 && y < e.h && x < e.w)
          copy((i * side + j) * kLanes, y * e.row() + x * e.c);
      }
    }
  }
};

// Transforms the columns of a square, then its rows.
template <int from, int to, class Get, class Put, class Down, class Along>
INLINE void both_ways(const Get& get, const Put& put, const Down& down, const Along& along) {
  VecF32 between[to][from];
#pragma GCC unroll 6
  for (int j = 0; j < from; ++j) {
    VecF32 column[from], result[to];
    for (int i = 0; i < from; ++i) column[i] = get(i, j);
    down(column, result);
    for (int i = 0; i < to; ++i) between[i][j] = result[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < to; ++i) {
    VecF32 result[to];
    along(between[i], result);
    for (int j = 0; j < to; ++j) put(i, j, result[j]);
  }
}

template <int from, int to, class Get, class Put, class Transform>
INLINE void both_ways(const Get& get, const Put& put, const Transform& transform) {
  both_ways<from, to>(get, put, transform, transform);
}

// Transforms a square of an image to points × points values. to(c) is where channels c and up of
// the first value go; the next value's are `step` further.
template <int side, int points, class T, class To, class Transform>
INLINE void read_square(const T* image, const Extent& e, const Square<side>& square, const To& to,
                        int64_t step, const Transform& transform) {
  const bool within = square.within(e);
  const int64_t row = within ? square.apart * e.row() : side * kLanes;
  const int64_t pixel = within ? square.apart * e.c : kLanes;
  for (int64_t c = 0; c < e.c; c += kLanes) {
    T copy[side * side * kLanes];
    const T* from = image + square.corner(e) + c;
    if (!within) {
      __builtin_memset(copy, 0, sizeof copy);
      square.each_inside(e, [&](int64_t there, int64_t here) {
        __builtin_memcpy(copy + there, image + here + c, kLanes * sizeof(T));
      });
      from = copy;
    }
    float* const first = to(c);
    both_ways<side, points>(
        [&](int i, int j) INLINE_LAMBDA { return load(from + i * row + j * pixel); },
        [&](int i, int j, VecF32 point) INLINE_LAMBDA {
          store(first + (i * points + j) * step, point);
        },
        transform);
  }
}

// The inverse direction, from points × points values to pixels; from(c) is like to(c) above.
template <int side, int points, class T, class From, class Transform>
INLINE void write_square(T* image, const Extent& e, const Square<side>& square, const From& from,
                         int64_t step, const Transform& transform) {
  const bool within = square.within(e);
  const int64_t row = within ? square.apart * e.row() : side * kLanes;
  const int64_t pixel = within ? square.apart * e.c : kLanes;
  for (int64_t c = 0; c < e.c; c += kLanes) {
    T copy[side * side * kLanes];
    T* to = within ? image + square.corner(e) + c : copy;
    const float* const first = from(c);
    both_ways<points, side>(
        [&](int i, int j) INLINE_LAMBDA { return load(first + (i * points + j) * step); },
        [&](int i, int j, VecF32 y) INLINE_LAMBDA { store(to + i * row + j * pixel, y); },
        transform);
    if (within) continue;
    square.each_inside(e, [&](int64_t there, int64_t here) {
      __builtin_memcpy(image + here + c, copy + there, kLanes * sizeof(T));
    });
  }
}

}  // namespace stylegan
