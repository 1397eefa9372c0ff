// The kernels of every op, for T in float, __nv_bfloat16 and __half. Pointers are to the device's
// memory, layouts NHWC. Kernels are launched on the stream; errors of launches are returned.
#pragma once

#include <cstdint>

#ifdef STYLEGAN_EMULATE
#include "emulation.h"
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#endif

namespace stylegan {

// The activation of [images, pixels, channels]: y = lrelu(z)·gain, of a magnitude of at most
// `clamp`, which can be infinity. Its derivative is told from y.
struct Activation {
  int64_t images, pixels, channels;
  float gain, clamp;
};
// What is added before it, noise·strength + bias.
struct Added {
  const float* bias;      // [channels]
  const float* noise;     // [noise_images, pixels]
  int64_t noise_images;   // 0: no noise; 1: the same for all; or `images`
  const float* strength;  // one number, or null for 1; not read without noise
};

// y is the activation of x + noise·strength + bias.
template <class T>
cudaError_t bias_act(const Activation& how, const Added& added, const T* x, T* y,
                     cudaStream_t stream);

// dx = dy·derivative(y); dbias [channels] = the sum of dx over the pixels, and dnoise
// [images, pixels], where it is not null, that over the channels.
template <class T>
cudaError_t bias_act_grad(const Activation& how, const T* dy, const T* y, T* dx, float* dbias,
                          float* dnoise, void* workspace, cudaStream_t stream);
template <class T>
int64_t bias_act_grad_workspace_bytes(const Activation& how, bool noise);

// dx = (g + noise·strength + bias)·derivative(y).
template <class T>
cudaError_t masked_bias(const Activation& how, const Added& added, const T* g, const T* y, T* dx,
                        cudaStream_t stream);

// Filters x [images, height, width, channels] with [1, 2, 1]⊗[1, 2, 1] / 16, zeros outside.
template <class T>
cudaError_t blur(const T* x, T* y, int64_t images, int64_t height, int64_t width, int64_t channels,
                 cudaStream_t stream);

// Upsampling by zeros, padding (cropping if negative), a true convolution, every down-th sample.
struct Resampling {
  int64_t images, height, width, channels;  // of x
  int64_t kernel_height, kernel_width, up, down, top, bottom, left, right;

  int64_t out_height() const { return out(height, top + bottom - kernel_height); }
  int64_t out_width() const { return out(width, left + right - kernel_width); }

 private:
  int64_t out(int64_t size, int64_t more) const {
    const int64_t last = size * up + more;
    return last < 0 ? 0 : last / down + 1;
  }
};
template <class T>
cudaError_t upfirdn(const Resampling& how, const T* x, const float* kernel, T* y,
                    cudaStream_t stream);

// Images x, [images, height, width, channels] of at least 2×2 pixels, seen through an affine map
// each (matrices [images, 2, 3], as ops/affine_warp.py has them), with the filter taps [12]; or,
// with `transpose`, the transpose of that linear map. y is as x.
struct Warp {
  int64_t images, height, width, channels;
  bool transpose;
};
cudaError_t affine_warp(const Warp& how, const float* x, const float* matrices, const float* taps,
                        float* y, void* workspace, cudaStream_t stream);
int64_t affine_warp_workspace_bytes(const Warp& how);

// Returns scale · w [size, size, in, out], rounded to T. With two shifts it is the sum of the four
// shifts by 0 or 1 pixel, [size + 1, size + 1, in, out]. With `transposed`, w is rotated by 180°
// and the result is [..., out, in].
struct ConvKernel {
  int64_t size, in, out;
  float scale;
  int64_t shifts;
  bool transposed;
};
template <class T>
cudaError_t conv_kernel(const ConvKernel& how, const float* w, T* kernel, cudaStream_t stream);
// The transpose of that linear map.
template <class T>
cudaError_t conv_kernel_grad(const ConvKernel& how, const T* g, float* dw, cudaStream_t stream);

// The epilogue of a convolution: a = lrelu(x + noise·strength + bias), of the blurred x with
// `blur`; y = (a - mean)·rstd·(scale + 1) + shift, where style is (scale, shift).
template <class T>
struct Epilogue {
  int64_t images, height, width, channels;
  bool blur;
  const T* x;
  const float* noise;     // [noise_images, height, width]
  int64_t noise_images;   // 0: no noise; 1: the same for all; or `images`
  const float* strength;  // [channels], not read without noise
  const float* bias;      // [channels]
  const float* style;     // [images, 2, channels]
};
// y as x; mean and rstd = 1/sqrt(variance + 1e-8) of `a`, [images, channels].
template <class T>
cudaError_t epilogue(const Epilogue<T>& in, T* y, float* mean, float* rstd, void* workspace,
                     cudaStream_t stream);
template <class T>
int64_t epilogue_workspace_bytes(const Epilogue<T>& in);

template <class T>
struct EpilogueGrad {
  const T* dy;
  const float *mean, *rstd;  // of the epilogue
  T* dx;
  float *dstrength, *dbias, *dstyle;  // as strength, bias and style
};
template <class T>
cudaError_t epilogue_grad(const Epilogue<T>& in, const EpilogueGrad<T>& grad, void* workspace,
                          cudaStream_t stream);
template <class T>
int64_t epilogue_grad_workspace_bytes(const Epilogue<T>& in);

}  // namespace stylegan
