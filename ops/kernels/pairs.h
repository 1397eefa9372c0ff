// Converts two vectors of bfloat16 at a time: one at a time takes twice as many instructions.
#pragma once

#include "vec.h"

namespace stylegan {

constexpr int64_t kPair = 2 * kLanes;

#if defined(__x86_64__)
typedef uint16_t Pair __attribute__((vector_size(32)));  // 16 elements in the order of memory
typedef int16_t PairI16 __attribute__((vector_size(32)));
typedef int64_t VecI64 __attribute__((vector_size(32)));

// AVX2 shuffles within 16 bytes, so the middle quarters are swapped before or after the shuffle.
INLINE Pair swap_middle(Pair pair) {
  const VecI64 quarters = (VecI64)pair;
  return (Pair)SHUFFLE(VecI64, quarters, quarters, 0, 2, 1, 3);
}

INLINE void load_pair(const bfloat16* from, VecF32& first, VecF32& second) {
  const Pair pair = swap_middle(read<Pair>(from)), zero = {};
  first = (VecF32)SHUFFLE(PairI16, zero, pair, 0, 16, 1, 17, 2, 18, 3, 19,  //
                        8, 24, 9, 25, 10, 26, 11, 27);
  second = (VecF32)SHUFFLE(PairI16, zero, pair, 4, 20, 5, 21, 6, 22, 7, 23,  //
                         12, 28, 13, 29, 14, 30, 15, 31);
}

INLINE void store_pair(bfloat16* to, VecF32 first, VecF32 second) {
  const Pair a = (Pair)to_bfloat16(first), b = (Pair)to_bfloat16(second);
  const Pair pair = swap_middle(SHUFFLE(PairI16, a, b, 1, 3, 5, 7, 17, 19, 21, 23,  //
                                       9, 11, 13, 15, 25, 27, 29, 31));
  __builtin_memcpy(to, &pair, sizeof pair);
}
#else
INLINE void load_pair(const bfloat16* from, VecF32& first, VecF32& second) {
  first = load(from), second = load(from + kLanes);
}
#endif

template <class T>
INLINE void store_pair(T* to, VecF32 first, VecF32 second) {
  store(to, first), store(to + kLanes, second);
}

}  // namespace stylegan
