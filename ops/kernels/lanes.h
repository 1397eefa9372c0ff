// Several floats at a time, from and to float, bfloat16 and half; functions in three versions.
#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

// A function with CLONES is compiled for AVX-512, AVX2 and plain x86-64, and the machine's own is
// taken when the library is loaded. What it calls must be INLINE to be compiled along with it.
// By level, not by model: `arch=haswell` would leave the processors of other makers out.
#if defined(CLONES)  // by whoever compiles: one version is enough to look for errors in
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
typedef float Lanes __attribute__((vector_size(4 * kLanes)));
typedef uint32_t Bits __attribute__((vector_size(4 * kLanes)));
typedef int32_t Ints __attribute__((vector_size(4 * kLanes)));
typedef uint16_t Words __attribute__((vector_size(2 * kLanes)));

INLINE Lanes splat(float value) { return Lanes{} + value; }
INLINE Lanes as_floats(Bits bits) { return (Lanes)bits; }
INLINE Bits as_bits(Lanes lanes) { return (Bits)lanes; }
INLINE Bits either(Ints mask, Bits yes, Bits no) { return mask ? yes : no; }

template <class V, class T>
INLINE V read(const T* from) {
  V lanes;
  __builtin_memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

INLINE Lanes load(const float* from) { return read<Lanes>(from); }

INLINE Lanes load(const bfloat16* from) {
  return as_floats(__builtin_convertvector(read<Words>(from), Bits) << 16);
}

INLINE Lanes load(const half* from) {
  const Bits bits = __builtin_convertvector(read<Words>(from), Bits);
  const Bits magnitude = bits & 0x7fff, sign = (bits & 0x8000) << 16;
  // Exponents are 112 higher in a float; those of infinity and NaN are moved by another 112.
  const Bits normal = (magnitude << 13) + (112u << 23);
  const Bits special = normal + (112u << 23);
  const Bits tiny = as_bits(__builtin_convertvector((Ints)magnitude, Lanes) * 0x1p-24f);
  const Bits finite = either((Ints)(magnitude < 0x0400), tiny, normal);
  return as_floats(sign | either((Ints)(magnitude >= 0x7c00), special, finite));
}

INLINE void store(float* to, Lanes lanes) { __builtin_memcpy(to, &lanes, sizeof lanes); }

// The nearest bfloat16, of two the even one, in the upper half of each; the lower half is anything.
INLINE Bits to_bfloat16(Lanes lanes) {
  const Bits bits = as_bits(lanes);
  return either((Ints)(lanes == lanes), bits + 0x7fff + ((bits >> 16) & 1), Bits{} + 0x7fc00000);
}

INLINE void store(bfloat16* to, Lanes lanes) {
  const Words words = __builtin_convertvector(to_bfloat16(lanes) >> 16, Words);
  __builtin_memcpy(to, &words, sizeof words);
}

INLINE void store(half* to, Lanes lanes) {
  const Bits bits = as_bits(lanes), magnitude = bits & 0x7fffffff;
  const Bits rounded = (magnitude + 0xfff + ((magnitude >> 13) & 1) - (112u << 23)) >> 13;
  // A float just above 1/2 counts in steps of 2^-24, as the least halves do: the sum rounds.
  const Bits tiny = as_bits(as_floats(magnitude) + 0.5f) - 0x3f000000u;
  Bits result = either((Ints)(magnitude < 0x38800000u), tiny, rounded);
  result = either((Ints)(magnitude >= 0x477ff000u), Bits{} + 0x7c00, result);
  result = either((Ints)(magnitude > 0x7f800000u), Bits{} + 0x7e00, result);
  const Words words = __builtin_convertvector(result | ((bits >> 16) & 0x8000), Words);
  __builtin_memcpy(to, &words, sizeof words);
}

// The first `count` lanes; the others are 0 when loaded and left alone when stored.
template <class T>
INLINE Lanes load_some(const T* from, int64_t count) {
  T some[kLanes] = {};
  __builtin_memcpy(some, from, count * sizeof(T));
  return load(some);
}

template <class T>
INLINE void store_some(T* to, Lanes lanes, int64_t count) {
  T some[kLanes];
  store(some, lanes);
  __builtin_memcpy(to, some, count * sizeof(T));
}

// Past the caches: for results that are too large to stay in them anyway.
INLINE void stream(float* to, Lanes lanes) {
#if defined(__x86_64__)
  __m128 parts[2];
  __builtin_memcpy(parts, &lanes, sizeof lanes);
  _mm_stream_ps(to, parts[0]);
  _mm_stream_ps(to + 4, parts[1]);
#else
  store(to, lanes);
#endif
}

// Elements of both, by their numbers; `Numbers` is a vector of integers of their size.
#if defined(__has_builtin) && __has_builtin(__builtin_shufflevector)
#define CHOOSE(Numbers, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define CHOOSE(Numbers, a, b, ...) __builtin_shuffle(a, b, Numbers{__VA_ARGS__})
#endif
// Of the lanes of both, in turn: the first halves, the second halves.
#if defined(__x86_64__)
INLINE Lanes first_halves(Lanes a, Lanes b) { return CHOOSE(Ints, a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
INLINE Lanes second_halves(Lanes a, Lanes b) {
  return CHOOSE(Ints, a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#else
INLINE Lanes first_halves(Lanes a, Lanes b) { return CHOOSE(Ints, a, b, 0, 4, 1, 5); }
INLINE Lanes second_halves(Lanes a, Lanes b) { return CHOOSE(Ints, a, b, 2, 6, 3, 7); }
#endif

// Rows become columns: a number's place, row and lane, is rotated by a bit each round.
INLINE void swap_rows_and_columns(Lanes (&block)[kLanes]) {
  for (int round = kLanes; round > 1; round /= 2) {
    Lanes before[kLanes];
    for (int i = 0; i < kLanes; ++i) before[i] = block[i];
    for (int i = 0; i < kLanes / 2; ++i) {
      block[2 * i] = first_halves(before[i], before[i + kLanes / 2]);
      block[2 * i + 1] = second_halves(before[i], before[i + kLanes / 2]);
    }
  }
}

INLINE Lanes maximum(Lanes a, Lanes b) { return a > b ? a : b; }
INLINE Lanes leaky_relu(Lanes z) { return maximum(z, z * 0.2f); }

// 1 where the leaky ReLU's argument, or what came of it, is at least 0; else 0.2.
INLINE Lanes slope(Lanes z) { return z >= 0.0f ? splat(1.0f) : splat(0.2f); }

}  // namespace stylegan
