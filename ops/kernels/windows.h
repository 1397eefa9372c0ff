// Windows of pictures: read as the points of Winograd's products, and written as their results.
#pragma once

#include "rows.h"
#include "winograd.h"

namespace stylegan {

template <class T>
struct Job {
  const T* x;
  T* y;
  Extent in, out;
  Factors factors;
  int64_t down, across, windows;  // of a picture; of all
};

// Numbers [product][window][channel].
struct Table {
  float* data;
  int64_t step, channels;  // numbers from a product to the next

  Table(float* data, int64_t windows, int64_t channels)
      : data(data), step(step_of(windows, channels)), channels(channels) {}
  // A line more than they take, as between factors.
  static int64_t step_of(int64_t windows, int64_t channels) { return windows * channels + 16; }
  INLINE float* row(int64_t product, int64_t window) const {
    return data + product * step + window * channels;
  }
  Table from(int64_t window) const {
    Table rest = *this;
    rest.data += window * channels;
    return rest;
  }
};

// Pixels of a picture in a square, `apart` from each other.
template <int side>
struct Square {
  int64_t top, left, apart;

  INLINE bool within(const Extent& e) const {
    const int64_t reach = (side - 1) * apart;
    return top >= 0 && left >= 0 && top + reach < e.h && left + reach < e.w;
  }

  INLINE int64_t corner(const Extent& e) const { return top * e.row() + left * e.c; }

  // For the vectors of a square that juts out of the picture: those that are there are copied to
  // a square of their own, or back from it.
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

// Transforms a square down each column, then along each row.
template <int from, int to, class Get, class Put, class Transform>
INLINE void both_ways(const Get& get, const Put& put, const Transform& transform) {
  Lanes between[to][from];
#pragma GCC unroll 6
  for (int j = 0; j < from; ++j) {
    Lanes column[from], result[to];
    for (int i = 0; i < from; ++i) column[i] = get(i, j);
    transform(column, result);
    for (int i = 0; i < to; ++i) between[i][j] = result[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < to; ++i) {
    Lanes result[to];
    transform(between[i], result);
    for (int j = 0; j < to; ++j) put(i, j, result[j]);
  }
}

// Where a window begins, of those of all pictures.
struct Place {
  int64_t n, y, x;
  template <class T>
  Place(const Job<T>& job, int64_t window)
      : n(window / (job.down * job.across)), y(window / job.across % job.down),
        x(window % job.across) {}
};

// The points of windows, from the first on.
template <class F, class T>
INLINE void read_windows(const Job<T>& job, int64_t first, int64_t count, int phase,
                         const Table& to) {
  constexpr int kSide = F::kWindow;
  const Extent& in = job.in;
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    const Square<kSide> square{place.y * F::kStep - 1 + phase / F::kPhases,
                               place.x * F::kStep - 1 + phase % F::kPhases, 1};
    const bool within = square.within(in);
    const T* picture = job.x + place.n * in.picture();
    for (int64_t c = 0; c < in.c; c += kLanes) {
      T copy[kSide * kSide * kLanes];
      const T* from = picture + square.corner(in) + c;
      if (!within) {
        __builtin_memset(copy, 0, sizeof copy);
        square.each_inside(in, [&](int64_t there, int64_t here) {
          __builtin_memcpy(copy + there, picture + here + c, kLanes * sizeof(T));
        });
        from = copy;
      }
      const int64_t row = within ? in.row() : kSide * kLanes, pixel = within ? in.c : kLanes;
      float* points = to.row(0, window) + c;
      both_ways<kSide, F::kPoints>(
          [&](int i, int j) INLINE_LAMBDA { return load(from + i * row + j * pixel); },
          [&](int i, int j, Lanes point) INLINE_LAMBDA {
            store(points + (i * F::kPoints + j) * to.step, point);
          },
          [](const Lanes* x, Lanes* p) INLINE_LAMBDA { F::window(x, p); });
    }
  }
}

// The results of windows, from the first on.
template <class F, class T>
INLINE void write_windows(const Job<T>& job, int64_t first, int64_t count, int phase,
                          const Table& from) {
  constexpr int kSide = F::kOut;
  const Extent& out = job.out;
  for (int64_t window = 0; window < count; ++window) {
    const Place place(job, first + window);
    const Square<kSide> square{place.y * kSide * F::kPhases + phase / F::kPhases,
                               place.x * kSide * F::kPhases + phase % F::kPhases, F::kPhases};
    const bool within = square.within(out);
    T* picture = job.y + place.n * out.picture();
    for (int64_t c = 0; c < out.c; c += kLanes) {
      T copy[kSide * kSide * kLanes];
      T* to = within ? picture + square.corner(out) + c : copy;
      const int64_t row = within ? F::kPhases * out.row() : kSide * kLanes;
      const int64_t pixel = within ? F::kPhases * out.c : kLanes;
      const float* products = from.row(0, window) + c;
      both_ways<F::kPoints, kSide>(
          [&](int i, int j) INLINE_LAMBDA { return load(products + (i * F::kPoints + j) * from.step); },
          [&](int i, int j, Lanes y) INLINE_LAMBDA { store(to + i * row + j * pixel, y); },
          [](const Lanes* p, Lanes* y) INLINE_LAMBDA { F::results(p, y); });
      if (within) continue;
      square.each_inside(out, [&](int64_t there, int64_t here) {
        __builtin_memcpy(picture + here + c, copy + there, kLanes * sizeof(T));
      });
    }
  }
}

}  // namespace stylegan
