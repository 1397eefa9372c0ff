// The noise, bias and leaky ReLU between a convolution and its instance norm.
#pragma once

#include "launchers.h"
#include "sources.h"

namespace stylegan {

// z = b + noise·strength + bias, for the channels of one thread.
template <class T, int V>
class Biased {
 public:
  __device__ Biased(const Epilogue<T>& in, const Walk& walk) {
    load(in.bias + walk.channel, bias_);
    if (in.noise_images > 0) load(in.strength + walk.channel, strength_);
  }

  __device__ void add(float (&b)[V], float noise) const {
#pragma unroll
    for (int v = 0; v < V; ++v) b[v] = __fadd_rn(b[v], __fmaf_rn(noise, strength_[v], bias_[v]));
  }

 private:
  float strength_[V] = {}, bias_[V];
};

// The noise of a thread's column, in rows [begin, end); 0 without noise.
template <bool kBlur>
class Noise {
 public:
  template <class T>
  __device__ Noise(const Epilogue<T>& in, const Strips& s, const Walk& walk, int64_t begin,
                   int64_t end)
      : any_(in.noise_images > 0), column_(column(in, s, walk, begin, end)) {}

  __device__ float next() {
    float noise[1] = {};
    if (kBlur || any_) column_.next(noise);
    return any_ ? noise[0] : 0;
  }

 private:
  using Column = Beside<float, 1, kBlur>;

  // Without noise the pointer stays at the bias, which is valid memory.
  template <class T>
  __device__ static Column column(const Epilogue<T>& in, Strips s, Walk walk, int64_t begin,
                                  int64_t end) {
    const bool any = in.noise_images > 0;
    s.channels = any;
    walk.channel = 0;
    if (in.noise_images == 1) walk.image = 0;
    return Column(any ? in.noise : in.bias, s, walk, begin, end);
  }

  bool any_;
  Column column_;
};

// The strips of the passes over x. Only a blur needs strips of whole rows.
template <class T>
Strips strips_of(const Epilogue<T>& in, int V) {
  if (in.blur) return strips_of(in.images, in.height, in.width, in.channels, V);
  return flat_strips(in.images, in.height * in.width, in.channels, V);
}

}  // namespace stylegan
