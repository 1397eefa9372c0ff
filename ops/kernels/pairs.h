// Two vectors of bfloat16 at a time: compilers take twice as many instructions for one by one.
#pragma once

#include "lanes.h"

namespace stylegan {

constexpr int64_t kPair = 2 * kLanes;

#if defined(__x86_64__)
typedef uint16_t Pair __attribute__((vector_size(32)));  // 16 numbers as they lie in memory
typedef int16_t PairNumbers __attribute__((vector_size(32)));
typedef int64_t Quarters __attribute__((vector_size(32)));

// AVX2 shuffles within 16 bytes. So the middle quarters change places before, or after.
INLINE Pair swap_middle(Pair pair) {
  const Quarters quarters = (Quarters)pair;
  return (Pair)CHOOSE(Quarters, quarters, quarters, 0, 2, 1, 3);
}

INLINE void load_pair(const bfloat16* from, Lanes& first, Lanes& second) {
  const Pair pair = swap_middle(read<Pair>(from)), zero = {};
  first = (Lanes)CHOOSE(PairNumbers, zero, pair, 0, 16, 1, 17, 2, 18, 3, 19,  //
                        8, 24, 9, 25, 10, 26, 11, 27);
  second = (Lanes)CHOOSE(PairNumbers, zero, pair, 4, 20, 5, 21, 6, 22, 7, 23,  //
                         12, 28, 13, 29, 14, 30, 15, 31);
}

INLINE void store_pair(bfloat16* to, Lanes first, Lanes second) {
  const Pair a = (Pair)to_bfloat16(first), b = (Pair)to_bfloat16(second);
  const Pair pair = swap_middle(CHOOSE(PairNumbers, a, b, 1, 3, 5, 7, 17, 19, 21, 23,  //
                                       9, 11, 13, 15, 25, 27, 29, 31));
  __builtin_memcpy(to, &pair, sizeof pair);
}
#else
INLINE void load_pair(const bfloat16* from, Lanes& first, Lanes& second) {
  first = load(from), second = load(from + kLanes);
}
#endif

template <class T>
INLINE void store_pair(T* to, Lanes first, Lanes second) {
  store(to, first), store(to + kLanes, second);
}

}  // namespace stylegan
