// CUDA's types that the kernels use, for a CPU.
#pragma once

#include <cstdint>
#include <cstring>

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};

template <class T>
T __ldg(const T* from) {
  return *from;
}

struct __half {
  uint16_t bits;
};
struct __nv_bfloat16 {
  uint16_t bits;
};

namespace stylegan::emulation {

template <class To, class From>
To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

}  // namespace stylegan::emulation

inline float __bfloat162float(__nv_bfloat16 value) {
  return stylegan::emulation::bit_cast<float>(uint32_t{value.bits} << 16);
}

inline __nv_bfloat16 __float2bfloat16_rn(float value) {
  if (value != value) return {0x7fff};
  const uint32_t bits = stylegan::emulation::bit_cast<uint32_t>(value);
  return {uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};  // to nearest, ties to even
}

inline float __half2float(__half value) {
  const uint32_t sign = uint32_t(value.bits & 0x8000) << 16, magnitude = value.bits & 0x7fff;
  // A half's shifted bits are a float that is too small by a factor of 2^112; infinity and NaN need
  // another exponent.
  float scaled = stylegan::emulation::bit_cast<float>(magnitude << 13) * 0x1p112f;
  if (magnitude >= 0x7c00)
    scaled = stylegan::emulation::bit_cast<float>(magnitude << 13 | 0x7f800000);
  return stylegan::emulation::bit_cast<float>(stylegan::emulation::bit_cast<uint32_t>(scaled) |
                                              sign);
}

inline __half __float2half_rn(float value) {
  const uint32_t bits = stylegan::emulation::bit_cast<uint32_t>(value);
  const uint16_t sign = bits >> 16 & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return {0x7fff};
  if (magnitude >= 0x477ff000) return {uint16_t(sign | 0x7c00)};  // rounds to 65536 or more
  if (magnitude < 0x38800000) {  // below 2^-14 halves are 2^-24 apart, as are floats above 1/2
    const float sum = stylegan::emulation::bit_cast<float>(magnitude) + 0.5f;
    return {uint16_t(sign | (stylegan::emulation::bit_cast<uint32_t>(sum) - 0x3f000000))};
  }
  const uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1) - (112u << 23);
  return {uint16_t(sign | rounded >> 13)};
}
