// The ops on TensorFlow's GPUs: checks shapes, allocates, and calls the launchers. The library is
// made for one version of TensorFlow; any other refuses to load it.
#include "tensorflow_gpu.h"

namespace stylegan {
namespace {

using tensorflow::TensorShape;

// Bias, noise and activation of x [..., C]; with noise, x is [N, ..., C].
class Activated {
 public:
  explicit Activated(const Construction& construction)
      : gain_(attribute<float>(construction, "gain")),
        clamp_(attribute<float>(construction, "clamp")) {}

 protected:
  Activation activation_of(const TensorShape& x, bool noise) const {
    require(x.dims() > (noise ? 1 : 0), "the main input must have channels");
    const int64_t channels = x.dim_size(x.dims() - 1);
    int64_t pixels = 1;
    for (int i = noise; i + 1 < x.dims(); ++i) pixels *= x.dim_size(i);
    return {noise ? x.dim_size(0) : 1, pixels, channels, gain_, clamp_};
  }

  // Of inputs 1 and 2.
  static Added added_to(const Activation& how, const Call& call) {
    require(call.size(1) == how.channels, "bias must have an entry per channel");
    const int64_t noise = call.size(2);
    require(noise == 0 || noise == how.pixels || noise == how.images * how.pixels,
            "noise must be [1 or N, H, W, 1] or empty");
    return {call.input<float>(1), call.input<float>(2), noise == 0 ? 0 : noise / how.pixels,
            nullptr};
  }

 private:
  float gain_, clamp_;
};

template <class T>
struct BiasAct : Activated {
  using Activated::Activated;

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    const Activation how = activation_of(shape, call.size(2) > 0);
    Added added = added_to(how, call);
    require(call.size(3) == 1, "strength must be one number");
    added.strength = call.input<float>(3);
    T* y = call.output<T>(0, shape);
    check(bias_act(how, added, call.input<T>(0), y, call.stream()));
  }
};

template <class T>
struct BiasActGrad : Activated {
  explicit BiasActGrad(const Construction& construction)
      : Activated(construction), noise(attribute<bool>(construction, "noise")) {}

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(call.shape(1) == shape, "dy and y must have the same shape");
    const Activation how = activation_of(shape, noise);
    T* dx = call.output<T>(0, shape);
    float* dbias = call.output<float>(1, {how.channels});
    TensorShape pixels = shape;
    pixels.set_dim(shape.dims() - 1, 1);
    float* dnoise = call.output<float>(2, noise ? pixels : TensorShape({0}));
    void* workspace = call.workspace(bias_act_grad_workspace_bytes<T>(how, noise));
    check(bias_act_grad(how, call.input<T>(0), call.input<T>(1), dx, dbias,
                        noise ? dnoise : nullptr, workspace, call.stream()));
  }

  bool noise;
};

template <class T>
struct MaskedBias : Activated {
  using Activated::Activated;

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(call.shape(3) == shape, "g and y must have the same shape");
    const Activation how = activation_of(shape, call.size(2) > 0);
    const Added added = added_to(how, call);
    T* dx = call.output<T>(0, shape);
    check(masked_bias(how, added, call.input<T>(0), call.input<T>(3), dx, call.stream()));
  }
};

template <class T>
struct Blur {
  explicit Blur(const Construction&) {}

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(shape.dims() == 4, "x must be [N, H, W, C]");
    T* y = call.output<T>(0, shape);
    check(blur(call.input<T>(0), y, shape.dim_size(0), shape.dim_size(1), shape.dim_size(2),
               shape.dim_size(3), call.stream()));
  }
};

template <class T>
struct Upfirdn {
  explicit Upfirdn(const Construction& construction)
      : up(attribute<int>(construction, "up")),
        down(attribute<int>(construction, "down")),
        padding(attribute<std::vector<int>>(construction, "padding")) {
    require(up > 0 && down > 0, "up and down must be at least 1");
    require(padding.size() == 4, "padding must be (top, bottom, left, right)");
  }

  void compute(Call& call) const {
    const TensorShape &x = call.shape(0), &kernel = call.shape(1);
    require(x.dims() == 4, "x must be [N, H, W, C]");
    require(kernel.dims() == 2 && kernel.num_elements() > 0, "kernel must be [kh, kw]");
    const Resampling how{x.dim_size(0),
                         x.dim_size(1),
                         x.dim_size(2),
                         x.dim_size(3),
                         kernel.dim_size(0),
                         kernel.dim_size(1),
                         up,
                         down,
                         padding[0],
                         padding[1],
                         padding[2],
                         padding[3]};
    require(how.out_height() > 0 && how.out_width() > 0,
            "the padded signal is smaller than the kernel");
    T* y = call.output<T>(0, {how.images, how.out_height(), how.out_width(), how.channels});
    check(upfirdn(how, call.input<T>(0), call.input<float>(1), y, call.stream()));
  }

  int up, down;
  std::vector<int> padding;
};

template <class T>
struct AffineWarp {
  explicit AffineWarp(const Construction& construction)
      : transpose(attribute<bool>(construction, "transpose")) {}

  void compute(Call& call) const {
    const TensorShape& x = call.shape(0);
    require(x.dims() == 4 && (x.num_elements() == 0 || (x.dim_size(1) > 1 && x.dim_size(2) > 1)),
            "x must be [N, H, W, C] of at least 2×2 pixels");
    require(call.size(1) == 6 * x.dim_size(0), "matrices must be [N, 2, 3]");
    require(call.size(2) == 12, "taps must be [12]");
    T* y = call.output<T>(0, x);
    if (x.num_elements() == 0) return;
    const Warp how{x.dim_size(0), x.dim_size(1), x.dim_size(2), x.dim_size(3), transpose};
    void* workspace = call.workspace(affine_warp_workspace_bytes(how));
    check(affine_warp(how, call.input<T>(0), call.input<float>(1), call.input<float>(2), y,
                      workspace, call.stream()));
  }

  bool transpose;
};

template <class T, bool kGradient>
struct ConvKernels {
  explicit ConvKernels(const Construction& construction)
      : scale(attribute<float>(construction, "scale")),
        shifts(attribute<int>(construction, "shifts")),
        transposed(attribute<bool>(construction, "transposed")) {}

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(shifts == 1 || shifts == 2, "shifts must be 1 or 2");
    require(shape.dims() == 4 && shape.dim_size(0) == shape.dim_size(1) &&
                shape.dim_size(0) >= (kGradient ? shifts : 1),
            "the kernel must be [k, k, C, D]");
    const int64_t rows = shape.dim_size(transposed ? 3 : 2);
    const int64_t columns = shape.dim_size(transposed ? 2 : 3);
    if constexpr (kGradient) {
      const int64_t side = shape.dim_size(0) - shifts + 1;
      float* dw = call.output<float>(0, {side, side, rows, columns});
      const ConvKernel how{side, rows, columns, scale, shifts, transposed};
      check(conv_kernel_grad(how, call.input<T>(0), dw, call.stream()));
    } else {
      const int64_t size = shape.dim_size(0), side = size + shifts - 1;
      T* kernel = call.output<T>(0, {side, side, rows, columns});
      const ConvKernel how{size, shape.dim_size(2), shape.dim_size(3), scale, shifts, transposed};
      check(conv_kernel(how, call.input<float>(0), kernel, call.stream()));
    }
  }

  float scale;
  int shifts;
  bool transposed;
};
template <class T>
using ConvKernelForward = ConvKernels<T, false>;
template <class T>
using ConvKernelBackward = ConvKernels<T, true>;

// The inputs from `first` on: x, noise, strength, bias, style.
template <class T>
Epilogue<T> epilogue_inputs(const Call& call, int first, bool blur) {
  const TensorShape& x = call.shape(first);
  require(x.dims() == 4, "x must be [N, H, W, C]");
  Epilogue<T> in;
  in.images = x.dim_size(0);
  in.height = x.dim_size(1);
  in.width = x.dim_size(2);
  in.channels = x.dim_size(3);
  in.blur = blur;
  in.x = call.input<T>(first);
  in.noise = call.input<float>(first + 1);
  in.strength = call.input<float>(first + 2);
  in.bias = call.input<float>(first + 3);
  in.style = call.input<float>(first + 4);
  const int64_t pixels = in.height * in.width, noise = call.size(first + 1);
  require(noise == 0 || noise == pixels || noise == in.images * pixels,
          "noise must be [1 or N, H, W, 1] or empty");
  in.noise_images = noise == 0 ? 0 : noise / pixels;
  require(noise == 0 || call.size(first + 2) == in.channels, "strength must be [C]");
  require(call.size(first + 3) == in.channels, "bias must be [C]");
  require(call.size(first + 4) == 2 * in.images * in.channels, "style must be [N, 2·C]");
  return in;
}

template <class T>
struct EpilogueForward {
  explicit EpilogueForward(const Construction& construction)
      : blur(attribute<bool>(construction, "blur")) {}

  void compute(Call& call) const {
    const Epilogue<T> in = epilogue_inputs<T>(call, 0, blur);
    T* y = call.output<T>(0, call.shape(0));
    float* mean = call.output<float>(1, {in.images, in.channels});
    float* rstd = call.output<float>(2, {in.images, in.channels});
    void* workspace = call.workspace(epilogue_workspace_bytes(in));
    check(epilogue(in, y, mean, rstd, workspace, call.stream()));
  }

  bool blur;
};

template <class T>
struct EpilogueBackward {
  explicit EpilogueBackward(const Construction& construction)
      : blur(attribute<bool>(construction, "blur")) {}

  void compute(Call& call) const {
    const Epilogue<T> in = epilogue_inputs<T>(call, 1, blur);
    require(call.shape(0) == call.shape(1), "dy and x must have the same shape");
    const int64_t maps = in.images * in.channels;
    require(call.size(6) == maps && call.size(7) == maps, "mean and rstd must be [N, C]");
    EpilogueGrad<T> grad;
    grad.dy = call.input<T>(0);
    grad.mean = call.input<float>(6);
    grad.rstd = call.input<float>(7);
    grad.dx = call.output<T>(0, call.shape(1));
    grad.dstrength = call.output<float>(1, {in.channels});
    grad.dbias = call.output<float>(2, {in.channels});
    grad.dstyle = call.output<float>(3, {in.images, 2 * in.channels});
    void* workspace = call.workspace(epilogue_grad_workspace_bytes(in));
    check(epilogue_grad(in, grad, workspace, call.stream()));
  }

  bool blur;
};

STYLEGAN_REGISTER_GPU("StyleganBiasAct", BiasAct)
STYLEGAN_REGISTER_GPU("StyleganBiasActGrad", BiasActGrad)
STYLEGAN_REGISTER_GPU("StyleganMaskedBias", MaskedBias)
STYLEGAN_REGISTER_GPU("StyleganBlur", Blur)
STYLEGAN_REGISTER_GPU("StyleganUpfirdn", Upfirdn)
STYLEGAN_REGISTER_GPU_TYPE("StyleganAffineWarp", AffineWarp, float, float32)
STYLEGAN_REGISTER_GPU("StyleganConvKernel", ConvKernelForward)
STYLEGAN_REGISTER_GPU("StyleganConvKernelGrad", ConvKernelBackward)
STYLEGAN_REGISTER_GPU("StyleganEpilogue", EpilogueForward)
STYLEGAN_REGISTER_GPU("StyleganEpilogueGrad", EpilogueBackward)

}  // namespace
}  // namespace stylegan

// Returns why programs of XLA cannot call these kernels; an empty text if they can.
extern "C" __attribute__((visibility("default"))) const char* stylegan_tf_cuda_xla_obstacle() {
  return stylegan::xla_obstacle().c_str();
}
