// The emulated kernels as plain C functions over memory of the CPU, for tests: they return 0, or
// an error that emulated_error() describes. Types are 0: float, 1: bfloat16, 2: half.
#include <cstring>
#include <vector>

#include "launchers.h"

using namespace stylegan;

namespace {

std::string last_error;

template <class Body>
int with_type(int type, const Body& body) {
  emulation::machine.error.clear();
  const cudaError_t error = type == 0   ? body(float())
                            : type == 1 ? body(__nv_bfloat16())
                                        : body(__half());
  last_error = emulation::machine.error;
  return error;
}

// Workspaces are exactly as large as the kernels say, and full of NaN.
struct Workspace {
  std::vector<unsigned char> bytes;
  explicit Workspace(int64_t size) : bytes(size, 0xff) {}
  operator void*() { return bytes.data(); }
};

template <class T>
const T* in(const void* pointer) {
  return static_cast<const T*>(pointer);
}

template <class T>
T* out(void* pointer) {
  return static_cast<T*>(pointer);
}

}  // namespace

// Arguments of the epilogue and its gradient, but for types; as `Epilogue` has them.
struct EpilogueArguments {
  int64_t images, height, width, channels, noise_images, blur;
  const void* x;
  const float *noise, *strength, *bias, *style;

  template <class T>
  Epilogue<T> of() const {
    return {images, height,       width,    channels, blur != 0, in<T>(x),
            noise,  noise_images, strength, bias,     style};
  }
};

extern "C" {

const char* emulated_error() { return last_error.c_str(); }

void emulated_seed(uint64_t seed) { emulation::machine.random.seed(seed); }

void emulated_round(int type, const float* from, void* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (type == 1) out<__nv_bfloat16>(to)[i] = __float2bfloat16_rn(from[i]);
    if (type == 2) out<__half>(to)[i] = __float2half_rn(from[i]);
  }
}

void emulated_widen(int type, const void* from, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (type == 1) to[i] = __bfloat162float(in<__nv_bfloat16>(from)[i]);
    if (type == 2) to[i] = __half2float(in<__half>(from)[i]);
  }
}

int emulated_bias_act(int type, const Activation* how, const Added* added, const void* x, void* y) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    return bias_act(*how, *added, in<T>(x), out<T>(y), nullptr);
  });
}

int emulated_bias_act_grad(int type, const Activation* how, const void* dy, const void* y, void* dx,
                           float* dbias, float* dnoise) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    Workspace workspace(bias_act_grad_workspace_bytes<T>(*how, dnoise != nullptr));
    return bias_act_grad(*how, in<T>(dy), in<T>(y), out<T>(dx), dbias, dnoise, workspace, nullptr);
  });
}

int emulated_masked_bias(int type, const Activation* how, const Added* added, const void* g,
                         const void* y, void* dx) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    return masked_bias(*how, *added, in<T>(g), in<T>(y), out<T>(dx), nullptr);
  });
}

int emulated_blur(int type, const void* x, void* y, int64_t images, int64_t height, int64_t width,
                  int64_t channels) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    return blur(in<T>(x), out<T>(y), images, height, width, channels, nullptr);
  });
}

int emulated_upfirdn(int type, const Resampling* how, const void* x, const float* kernel, void* y) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    return upfirdn(*how, in<T>(x), kernel, out<T>(y), nullptr);
  });
}

int emulated_affine_warp(int type, const Warp* how, const float* x, const float* matrices,
                         const float* taps, float* y) {
  return with_type(type, [&](auto) {
    Workspace workspace(affine_warp_workspace_bytes(*how));
    return affine_warp(*how, x, matrices, taps, y, workspace, nullptr);
  });
}

int emulated_conv_kernel(int type, int64_t size, int64_t rows, int64_t columns, float scale,
                         int64_t shifts, int transposed, int gradient, const void* from, void* to) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    const ConvKernel how{size, rows, columns, scale, shifts, transposed != 0};
    return gradient ? conv_kernel_grad(how, in<T>(from), out<float>(to), nullptr)
                    : conv_kernel(how, in<float>(from), out<T>(to), nullptr);
  });
}

int64_t emulated_epilogue_workspace_bytes(int type, const EpilogueArguments* arguments) {
  return type == 0 ? epilogue_workspace_bytes(arguments->of<float>())
                   : epilogue_workspace_bytes(arguments->of<__half>());
}

int emulated_epilogue(int type, const EpilogueArguments* arguments, void* y, float* mean,
                      float* rstd) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    const Epilogue<T> epilogue_in = arguments->of<T>();
    Workspace workspace(epilogue_workspace_bytes(epilogue_in));
    return epilogue(epilogue_in, out<T>(y), mean, rstd, workspace, nullptr);
  });
}

int emulated_epilogue_grad(int type, const EpilogueArguments* arguments, const void* dy,
                           const float* mean, const float* rstd, void* dx, float* dstrength,
                           float* dbias, float* dstyle) {
  return with_type(type, [&](auto t) {
    using T = decltype(t);
    const Epilogue<T> epilogue_in = arguments->of<T>();
    Workspace workspace(epilogue_grad_workspace_bytes(epilogue_in));
    return epilogue_grad(
        epilogue_in, EpilogueGrad<T>{in<T>(dy), mean, rstd, out<T>(dx), dstrength, dbias, dstyle},
        workspace, nullptr);
  });
}

}  // extern "C"
