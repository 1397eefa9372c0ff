// Loads and stores of V elements of float, bfloat16 or half, in accesses of up to 16 bytes.
#pragma once

#include <initializer_list>
#include <type_traits>

#include "device.h"

namespace stylegan {

__device__ inline float as_float(float value) { return value; }
__device__ inline float as_float(__nv_bfloat16 value) { return __bfloat162float(value); }
__device__ inline float as_float(__half value) { return __half2float(value); }

template <class T>
__device__ inline T rounded(float value) {
  if constexpr (std::is_same_v<T, float>) {
    return value;
  } else if constexpr (std::is_same_v<T, __half>) {
    return __float2half_rn(value);
  } else {
    return __float2bfloat16_rn(value);
  }
}

template <int kBytes>
using Words = std::conditional_t<
    kBytes == 16, uint4,
    std::conditional_t<kBytes == 8, uint2,
                       std::conditional_t<kBytes == 4, unsigned, unsigned short>>>;

// One access: as many of V elements as fit into 16 bytes.
template <class T, int V>
struct Access {
  static constexpr int kCount = minimum<int>(V, 16 / sizeof(T));
  using Word = Words<kCount * sizeof(T)>;
  union Parts {
    Word word;
    T elements[kCount];
    __device__ Parts() {}
  };
};

// Loads are of memory that is not written by the kernel, so they can be moved ahead of stores.
template <class T, int V>
__device__ inline void load(const T* from, float (&to)[V]) {
  using One = Access<T, V>;
#pragma unroll
  for (int i = 0; i < V; i += One::kCount) {
    typename One::Parts parts;
    parts.word = __ldg(reinterpret_cast<const typename One::Word*>(from + i));
#pragma unroll
    for (int k = 0; k < One::kCount; ++k) to[i + k] = as_float(parts.elements[k]);
  }
}

// The unconverted result of an access, which can be in flight while other values are used.
template <class T, int V>
class Packed {
 public:
  __device__ void fetch(const T* from) { word_ = __ldg(reinterpret_cast<const Word*>(from)); }

  // Gives zeros if not `inside`.
  __device__ void unpack(bool inside, float (&to)[V]) const {
    typename Access<T, V>::Parts parts;
    parts.word = word_;
#pragma unroll
    for (int v = 0; v < V; ++v) to[v] = inside ? as_float(parts.elements[v]) : 0;
  }

 private:
  static_assert(Access<T, V>::kCount == V, "one access");
  using Word = typename Access<T, V>::Word;
  Word word_;
};

template <class T, int V>
__device__ inline void store(T* to, const float (&from)[V]) {
  using One = Access<T, V>;
#pragma unroll
  for (int i = 0; i < V; i += One::kCount) {
    typename One::Parts parts;
#pragma unroll
    for (int k = 0; k < One::kCount; ++k) parts.elements[k] = rounded<T>(from[i + k]);
    *reinterpret_cast<typename One::Word*>(to + i) = parts.word;
  }
}

template <class T>
constexpr int kWide = 16 / sizeof(T);

// Calls `body` with the number of elements of an access, an integral constant: `wide` where that
// divides the channels and all pointers are at multiples of 16 bytes, else 1.
template <int wide, class Body>
cudaError_t with_vectors(int64_t channels, std::initializer_list<const void*> pointers,
                         const Body& body) {
  bool fits = channels % wide == 0;
  for (const void* pointer : pointers) {
    fits = fits && reinterpret_cast<uintptr_t>(pointer) % 16 == 0;
  }
  if (fits) return body(std::integral_constant<int, wide>());
  return body(std::integral_constant<int, 1>());
}

__device__ inline float slope(float z) { return z >= 0 ? 1.0f : 0.2f; }
// The product is rounded by itself, never fused with a sum, since the statistics and the result
// must use the same number: where all values of a channel are equal, the instance norm multiplies a
// difference of an ulp by 10,000.
__device__ inline float leaky_relu(float z) { return __fmul_rn(z, slope(z)); }

}  // namespace stylegan
