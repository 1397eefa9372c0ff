// What lies between a convolution and its instance norm: noise, bias, leaky ReLU.
#pragma once

#include "launchers.h"
#include "sources.h"

namespace stylegan {

// z = b + noise·strength + bias, for the channels of one thread.
template <class T, int V>
class Biased {
 public:
  __device__ Biased(const Epilogue<T>& in, const Strips& s, const Walk& walk) {
    load(in.bias + walk.channel, bias_);
    if (in.noise_images > 0) {
      load(in.strength + walk.channel, strength_);
      noise_ = in.noise + (in.noise_images > 1 ? walk.image * s.pixels : 0) + walk.x;
    }
  }

  __device__ float noise(int64_t y, const Strips& s) const {
    return noise_ ? __ldg(noise_ + y * s.width) : 0;
  }

  __device__ void add(float (&b)[V], float noise) const {
#pragma unroll
    for (int v = 0; v < V; ++v) b[v] += noise * strength_[v] + bias_[v];
  }

 private:
  const float* noise_ = nullptr;
  float strength_[V] = {}, bias_[V];
};

// The strips of the passes over x, which need rows as they lie only for a blur.
template <class T>
Strips strips_of(const Epilogue<T>& in, int V) {
  if (in.blur) return strips_of(in.images, in.height, in.width, in.channels, V);
  return flat_strips(in.images, in.height * in.width, in.channels, V);
}

}  // namespace stylegan
