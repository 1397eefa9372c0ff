// SIMD vectors of floats: loads from and stores to float, bfloat16 and half. CLONES compiles a
// function for several instruction sets.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

// A function with CLONES is compiled for AVX-512, AVX2 and plain x86-64. The loader selects the
// version for the machine. The functions that it calls must be INLINE, so that they are compiled
// for the same instruction set. The targets are levels, not models, since `arch=haswell` would
// exclude the processors of other makers.
#if defined(CLONES)  // set on the command line: the tests with AddressSanitizer need one version
#elif defined(__x86_64__) && !defined(__clang__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif defined(__x86_64__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif
#define INLINE inline __attribute__((always_inline))
#define INLINE_LAMBDA __attribute__((always_inline))

namespace stylegan {

struct bfloat16 { uint16_t bits; };
struct half { uint16_t bits; };

#if defined(__x86_64__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float VecF32 __attribute__((vector_size(4 * kLanes)));
typedef uint32_t VecU32 __attribute__((vector_size(4 * kLanes)));
typedef int32_t VecI32 __attribute__((vector_size(4 * kLanes)));
typedef uint16_t VecU16 __attribute__((vector_size(2 * kLanes)));

INLINE VecF32 splat(float value) { return VecF32{} + value; }
INLINE VecF32 as_floats(VecU32 bits) { return (VecF32)bits; }
INLINE VecU32 as_bits(VecF32 v) { return (VecU32)v; }
INLINE VecU32 select(VecI32 mask, VecU32 yes, VecU32 no) { return mask ? yes : no; }

template <class V, class T>
INLINE V read(const T* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

INLINE VecF32 load(const float* from) { return read<VecF32>(from); }

INLINE VecF32 load(const bfloat16* from) {
  return as_floats(__builtin_convertvector(read<VecU16>(from), VecU32) << 16);
}

INLINE VecF32 load(const half* from) {
  const VecU32 bits = __builtin_convertvector(read<VecU16>(from), VecU32);
  const VecU32 magnitude = bits & 0x7fff, sign = (bits & 0x8000) << 16;
  // A float's exponent is 112 higher; that of infinity and NaN needs another 112.
  const VecU32 normal = (magnitude << 13) + (112u << 23);
  const VecU32 special = normal + (112u << 23);
  const VecU32 tiny = as_bits(__builtin_convertvector((VecI32)magnitude, VecF32) * 0x1p-24f);
  const VecU32 finite = select((VecI32)(magnitude < 0x0400), tiny, normal);
  return as_floats(sign | select((VecI32)(magnitude >= 0x7c00), special, finite));
}

INLINE void store(float* to, VecF32 v) { __builtin_memcpy(to, &v, sizeof v); }

// Rounds to the nearest bfloat16, ties to even. The result is the upper half of each element; the
// lower half is undefined.
INLINE VecU32 to_bfloat16(VecF32 v) {
  const VecU32 bits = as_bits(v);
  return select((VecI32)(v == v), bits + 0x7fff + ((bits >> 16) & 1), VecU32{} + 0x7fc00000);
}

INLINE void store(bfloat16* to, VecF32 v) {
  const VecU16 words = __builtin_convertvector(to_bfloat16(v) >> 16, VecU16);
  __builtin_memcpy(to, &words, sizeof words);
}

INLINE void store(half* to, VecF32 v) {
  const VecU32 bits = as_bits(v), magnitude = bits & 0x7fffffff;
  const VecU32 rounded = (magnitude + 0xfff + ((magnitude >> 13) & 1) - (112u << 23)) >> 13;
  // Floats just above 1/2 lie 2^-24 apart, as subnormal halves do, so the sum rounds correctly.
  const VecU32 tiny = as_bits(as_floats(magnitude) + 0.5f) - 0x3f000000u;
  VecU32 result = select((VecI32)(magnitude < 0x38800000u), tiny, rounded);
  result = select((VecI32)(magnitude >= 0x477ff000u), VecU32{} + 0x7c00, result);
  result = select((VecI32)(magnitude > 0x7f800000u), VecU32{} + 0x7e00, result);
  const VecU16 words = __builtin_convertvector(result | ((bits >> 16) & 0x8000), VecU16);
  __builtin_memcpy(to, &words, sizeof words);
}

// Load and store the first `count` elements. The others are 0 after a load and not written by a
// store.
template <class T>
INLINE VecF32 load_partial(const T* from, int64_t count) {
  T some[kLanes] = {};
  __builtin_memcpy(some, from, count * sizeof(T));
  return load(some);
}

template <class T>
INLINE void store_partial(T* to, VecF32 v, int64_t count) {
  T some[kLanes];
  store(some, v);
  __builtin_memcpy(to, some, count * sizeof(T));
}

// Stores without filling the caches, for results that are too large to stay in them.
INLINE void stream(float* to, VecF32 v) {
#if defined(__x86_64__)
  __m128 parts[2];
  __builtin_memcpy(parts, &v, sizeof v);
  _mm_stream_ps(to, parts[0]);
  _mm_stream_ps(to + 4, parts[1]);
#else
  store(to, v);
#endif
}

// Picks elements of both vectors by index. `Numbers` is an integer vector with elements of the same
// size.
#if defined(__has_builtin) && __has_builtin(__builtin_shufflevector)
#define SHUFFLE(Numbers, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(Numbers, a, b, ...) __builtin_shuffle(a, b, Numbers{__VA_ARGS__})
#endif
// Interleave the elements of the lower, or the upper, halves of both vectors.
#if defined(__x86_64__)
INLINE VecF32 interleave_low(VecF32 a, VecF32 b) {
  return SHUFFLE(VecI32, a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
INLINE VecF32 interleave_high(VecF32 a, VecF32 b) {
  return SHUFFLE(VecI32, a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#else
INLINE VecF32 interleave_low(VecF32 a, VecF32 b) { return SHUFFLE(VecI32, a, b, 0, 4, 1, 5); }
INLINE VecF32 interleave_high(VecF32 a, VecF32 b) { return SHUFFLE(VecI32, a, b, 2, 6, 3, 7); }
#endif

// Transposes a square block. Each round rotates the bits of every element's index (row, column) by
// one.
INLINE void transpose(VecF32 (&block)[kLanes]) {
  for (int round = kLanes; round > 1; round /= 2) {
    VecF32 before[kLanes];
    for (int i = 0; i < kLanes; ++i) before[i] = block[i];
    for (int i = 0; i < kLanes / 2; ++i) {
      block[2 * i] = interleave_low(before[i], before[i + kLanes / 2]);
      block[2 * i + 1] = interleave_high(before[i], before[i + kLanes / 2]);
    }
  }
}

INLINE VecF32 maximum(VecF32 a, VecF32 b) { return a > b ? a : b; }
INLINE VecF32 leaky_relu(VecF32 z) { return maximum(z, z * 0.2f); }

// The derivative of the leaky ReLU: 1 where its argument (or its result) is at least 0, else 0.2.
INLINE VecF32 slope(VecF32 z) { return z >= 0.0f ? splat(1.0f) : splat(0.2f); }

}  // namespace stylegan
