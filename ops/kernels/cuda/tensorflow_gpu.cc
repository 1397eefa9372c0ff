// The ops on TensorFlow's GPUs: checks shapes, allocates, and calls the launchers. The library is
// made for one version of TensorFlow; any other refuses to load it.
#include "tensorflow_gpu.h"

namespace stylegan {
namespace {

using tensorflow::TensorShape;

int64_t channels_of(const TensorShape& shape) {
  require(shape.dims() > 0, "the main input must have channels");
  return shape.dim_size(shape.dims() - 1);
}

int64_t pixels_of(const TensorShape& shape) {
  return channels_of(shape) == 0 ? 0 : shape.num_elements() / channels_of(shape);
}

template <class T>
struct BiasAct {
  explicit BiasAct(const Construction&) {}

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(call.size(1) == channels_of(shape), "bias must have an entry per channel");
    T* y = call.output<T>(0, shape);
    check(bias_act(call.input<T>(0), call.input<float>(1), y, pixels_of(shape), channels_of(shape),
                   call.stream()));
  }
};

template <class T>
struct BiasActGrad {
  explicit BiasActGrad(const Construction&) {}

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(call.shape(1) == shape, "dy and y must have the same shape");
    const int64_t pixels = pixels_of(shape), channels = channels_of(shape);
    T* dx = call.output<T>(0, shape);
    float* dbias = call.output<float>(1, {channels});
    void* workspace = call.workspace(bias_act_grad_workspace_bytes<T>(pixels, channels));
    check(bias_act_grad(call.input<T>(0), call.input<T>(1), dx, dbias, pixels, channels, workspace,
                        call.stream()));
  }
};

template <class T>
struct MaskedBias {
  explicit MaskedBias(const Construction&) {}

  void compute(Call& call) const {
    const TensorShape& shape = call.shape(0);
    require(call.shape(2) == shape, "g and y must have the same shape");
    require(call.size(1) == channels_of(shape), "bias must have an entry per channel");
    T* dx = call.output<T>(0, shape);
    check(masked_bias(call.input<T>(0), call.input<float>(1), call.input<T>(2), dx,
                      pixels_of(shape), channels_of(shape), call.stream()));
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
