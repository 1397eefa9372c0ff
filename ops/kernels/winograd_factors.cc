// Transforms weights to the matrices of Winograd's products.
#include "pool.h"
#include "squares.h"
#include "winograd.h"

namespace stylegan {
namespace {

constexpr int64_t kChannels = 64;  // per task

struct Weights {
  const float* data;
  float scale;
  bool transposed;
  int64_t c, d;
};

// Reads a tap of kLanes × kLanes channels, scaled; the output channels lie along a vector.
INLINE void read_tap(const Weights& w, int tap, int64_t c, int64_t d, VecF32 (&block)[kLanes]) {
  const int place = w.transposed ? kTaps * kTaps - 1 - tap : tap;
  const float* from = w.data + place * w.c * w.d + (w.transposed ? d * w.c + c : c * w.d + d);
  for (int i = 0; i < kLanes; ++i)
    block[i] = load(from + i * (w.transposed ? w.c : w.d)) * w.scale;
  if (w.transposed) transpose(block);
}

template <class F>
INLINE void transform(const Weights& w, const Factors& factors, int64_t c, int64_t d) {
  VecF32 taps[kTaps * kTaps][kLanes];
  for (int tap = 0; tap < kTaps * kTaps; ++tap) read_tap(w, tap, c, d, taps[tap]);
  for (int phase = 0; phase < F::kPhases * F::kPhases; ++phase) {
    const int64_t first = phase * F::kPoints * F::kPoints;
    for (int row = 0; row < kLanes; ++row) {
      float* to = factors.panel(first, d) + (c + row) * kPanel + d % kPanel;
      both_ways<kTaps, F::kPoints>(
          [&](int i, int j) INLINE_LAMBDA { return taps[i * kTaps + j][row]; },
          [&](int i, int j, VecF32 point) INLINE_LAMBDA {
            store(to + (i * F::kPoints + j) * factors.matrix(), point);
          },
          [&](const VecF32* w, VecF32* p) INLINE_LAMBDA { F::taps(w, phase / F::kPhases, p); },
          [&](const VecF32* w, VecF32* p) INLINE_LAMBDA { F::taps(w, phase % F::kPhases, p); });
    }
  }
}

template <class F>
INLINE void transform_panel(const Weights& w, const Factors& factors, int64_t first, int64_t end,
                            int64_t d) {
  for (int64_t c = first; c < end; c += kLanes)
    for (int half = 0; half < kPanel; half += kLanes) transform<F>(w, factors, c, d + half);
}

#define FOR_FORM(F)                                                                           \
  CLONES void run(const Weights& w, const Factors& factors, int64_t c, int64_t end, int64_t d, \
                  F*) {                                                                       \
    transform_panel<F>(w, factors, c, end, d);                                                \
  }
FOR_FORM(F2x3)
FOR_FORM(F4x3)
FOR_FORM(UpF2x3)
FOR_FORM(UpF4x2)
FOR_FORM(DownF1x3)

}  // namespace

template <class F>
void factors_of(const float* w, float scale, bool transposed, const Factors& factors) {
  const Weights weights{w, scale, transposed, factors.c, factors.d};
  const int64_t chunks = (factors.c + kChannels - 1) / kChannels, panels = factors.d / kPanel;
  parallel(chunks * panels, factors.c * factors.d * F::kProducts, [&](int64_t task) {
    const int64_t c = task % chunks * kChannels, end = c + kChannels;
    run(weights, factors, c, end < factors.c ? end : factors.c, task / chunks * kPanel,
        static_cast<F*>(nullptr));
  });
}

template void factors_of<F2x3>(const float*, float, bool, const Factors&);
template void factors_of<F4x3>(const float*, float, bool, const Factors&);
template void factors_of<UpF2x3>(const float*, float, bool, const Factors&);
template void factors_of<UpF4x2>(const float*, float, bool, const Factors&);
template void factors_of<DownF1x3>(const float*, float, bool, const Factors&);

}  // namespace stylegan
