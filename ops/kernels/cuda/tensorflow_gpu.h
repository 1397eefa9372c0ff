// What calls the kernels, TensorFlow (by its C++ API) or XLA, in the form for them: pointers, a
// workspace, a stream, exceptions.
#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "../xla_call.h"
#include "launchers.h"
#include "tensorflow/core/framework/op_kernel.h"

// Under the emulation the kernels are registered for the CPU with a label, by which tests select
// them, and for XLA by names of their own.
#ifdef STYLEGAN_EMULATE
#define STYLEGAN_DEVICE Device(tensorflow::DEVICE_CPU).Label("emulated")
#define STYLEGAN_XLA_PLATFORM "Host"
#define STYLEGAN_XLA_PREFIX "stylegan_tf.emulated."
#else
#include "xla/stream_executor/stream.h"
#define STYLEGAN_DEVICE Device(tensorflow::DEVICE_GPU)
#define STYLEGAN_XLA_PLATFORM "CUDA"
#define STYLEGAN_XLA_PREFIX "stylegan_tf."
#endif

namespace stylegan {

// The type of an op's tensors as CUDA names it.
template <class T>
struct CudaType {
  using type = T;
};
template <>
struct CudaType<Eigen::bfloat16> {
  using type = __nv_bfloat16;
};
template <>
struct CudaType<Eigen::half> {
  using type = __half;
};

struct Failure {
  absl::Status status;
};

inline void require_ok(const absl::Status& status) {
  if (!status.ok()) throw Failure{status};
}

inline void require(bool condition, const char* message) {
  if (!condition) throw Failure{absl::InvalidArgumentError(message)};
}

// One run of an op.
class Call {
 public:
  virtual const tensorflow::TensorShape& shape(int input) const = 0;
  int64_t size(int input) const { return shape(input).num_elements(); }

  template <class T>
  const T* input(int index) const {
    return static_cast<const T*>(data(index));
  }

  template <class T>
  T* output(int index, const tensorflow::TensorShape& shape) {
    return static_cast<T*>(allocate(index, shape));
  }

  // Memory for this run.
  virtual void* workspace(int64_t bytes) = 0;

  virtual cudaStream_t stream() const = 0;

 protected:
  ~Call() = default;

 private:
  virtual const void* data(int input) const = 0;
  virtual void* allocate(int output, const tensorflow::TensorShape& shape) = 0;
};

// The attributes of an op.
class Construction {
 public:
  virtual void get(const char* name, int* value) const = 0;
  virtual void get(const char* name, float* value) const = 0;
  virtual void get(const char* name, bool* value) const = 0;
  virtual void get(const char* name, std::vector<int>* value) const = 0;

 protected:
  ~Construction() = default;
};

template <class Value>
Value attribute(const Construction& construction, const char* name) {
  Value value{};
  construction.get(name, &value);
  return value;
}

class TensorFlowCall final : public Call {
 public:
  explicit TensorFlowCall(tensorflow::OpKernelContext* context) : context_(context) {}

  const tensorflow::TensorShape& shape(int input) const override {
    return context_->input(input).shape();
  }

  // TensorFlow gives it to later work on the same stream only.
  void* workspace(int64_t bytes) override {
    const tensorflow::TensorShape shape({bytes});
    require_ok(context_->allocate_temp(tensorflow::DT_INT8, shape, &workspace_));
    return workspace_.data();
  }

  cudaStream_t stream() const override {
#ifdef STYLEGAN_EMULATE
    return nullptr;
#else
    auto* stream = context_->op_device_context()->stream();
    return static_cast<cudaStream_t>(stream->platform_specific_handle().stream);
#endif
  }

 private:
  const void* data(int input) const override { return context_->input(input).data(); }
  void* allocate(int output, const tensorflow::TensorShape& shape) override {
    tensorflow::Tensor* tensor = nullptr;
    require_ok(context_->allocate_output(output, shape, &tensor));
    return tensor->data();
  }

  tensorflow::OpKernelContext* context_;
  tensorflow::Tensor workspace_;
};

class TensorFlowConstruction final : public Construction {
 public:
  explicit TensorFlowConstruction(tensorflow::OpKernelConstruction* raw) : raw_(raw) {}
  void get(const char* name, int* value) const override { got(name, value); }
  void get(const char* name, float* value) const override { got(name, value); }
  void get(const char* name, bool* value) const override { got(name, value); }
  void get(const char* name, std::vector<int>* value) const override { got(name, value); }

 private:
  template <class Value>
  void got(const char* name, Value* value) const {
    require_ok(raw_->GetAttr(name, value));
  }

  tensorflow::OpKernelConstruction* raw_;
};

class XlaCall final : public Call {
 public:
  explicit XlaCall(const XLA_FFI_CallFrame& frame) : frame_(frame) {
    for (int64_t i = 0; i < frame.args.size; ++i) shapes_.push_back(shape_of(frame.args, i));
  }

  const tensorflow::TensorShape& shape(int input) const override { return shapes_.at(input); }

  // The last result. Memory that is requested here would be gone when a command buffer, into which
  // XLA has recorded this call, runs again.
  void* workspace(int64_t bytes) override {
    const int last = int(frame_.rets.size) - 1;
    require(shape_of(frame_.rets, last).num_elements() * int64_t{sizeof(float)} >= bytes,
            "XLA was told too small a workspace");
    return xla::buffer(frame_.rets, last).data;
  }

  cudaStream_t stream() const override {
#ifdef STYLEGAN_EMULATE
    return nullptr;
#else
    XLA_FFI_Stream_Get_Args got{sizeof got, nullptr, frame_.ctx, nullptr};
    if (frame_.api->stream_get(&got) != nullptr)
      throw Failure{absl::InternalError("XLA gives no stream")};
    return static_cast<cudaStream_t>(got.stream);
#endif
  }

 private:
  static tensorflow::TensorShape shape_of(const XLA_FFI_Buffers& buffers, int64_t index) {
    const XLA_FFI_Buffer& buffer = xla::buffer(buffers, int(index));
    return tensorflow::TensorShape(absl::MakeConstSpan(buffer.dims, buffer.rank));
  }

  const void* data(int input) const override { return xla::buffer(frame_.args, input).data; }
  void* allocate(int output, const tensorflow::TensorShape& shape) override {
    require(shape_of(frame_.rets, output) == shape, "XLA was told another shape of an output");
    return xla::buffer(frame_.rets, output).data;
  }

  const XLA_FFI_CallFrame& frame_;
  std::vector<tensorflow::TensorShape> shapes_;
};

class XlaConstruction final : public Construction {
 public:
  explicit XlaConstruction(const XLA_FFI_Attrs& all) : all_(all) {}
  void get(const char* name, int* value) const override { *value = xla::number<int>(all_, name); }
  void get(const char* name, float* value) const override {
    *value = xla::number<float>(all_, name);
  }
  void get(const char* name, bool* value) const override { *value = xla::number<bool>(all_, name); }
  void get(const char* name, std::vector<int>* value) const override {
    *value = xla::numbers(all_, name);
  }

 private:
  const XLA_FFI_Attrs& all_;
};

inline void check(cudaError_t error) {
  if (error == cudaSuccess) return;
  throw Failure{absl::InternalError(std::string("a CUDA kernel could not be launched: ") +
                                    cudaGetErrorString(error))};
}

// The status of the exception that is being handled; TensorFlow's callers of kernels know none.
inline absl::Status status_of_exception() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.status;
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  } catch (...) {
    return absl::InternalError("an exception of an unknown type");
  }
}

// An op whose `Body` is made from a `Construction` and has `void compute(Call&) const`.
template <class Body>
class Kernel : public tensorflow::OpKernel {
 public:
  explicit Kernel(tensorflow::OpKernelConstruction* construction) : OpKernel(construction) {
    try {
      body_ = std::make_unique<Body>(TensorFlowConstruction(construction));
    } catch (...) {
      construction->CtxFailure(status_of_exception());
    }
  }

  void Compute(tensorflow::OpKernelContext* context) override {
    try {
      TensorFlowCall call(context);
      body_->compute(call);
    } catch (...) {
      context->CtxFailure(status_of_exception());
    }
  }

 private:
  std::unique_ptr<const Body> body_;
};

// Why XLA cannot call the kernels; empty if it can. Never destroyed, since Python may ask late.
inline std::string& xla_obstacle() {
  static std::string* const text = new std::string;
  return *text;
}

// The same for XLA. It launches the same kernels for the same shapes, allocates nothing and waits
// for nothing, so XLA may record it into a command buffer (a CUDA graph).
template <class Body>
XLA_FFI_Error* handle(XLA_FFI_CallFrame* frame) {
  if (xla::tells_of_itself(*frame, XLA_FFI_COMMAND_BUFFER_COMPATIBLE)) return nullptr;
  try {
    XlaCall call(*frame);
    Body(XlaConstruction(frame->attrs)).compute(call);
    return nullptr;
  } catch (...) {
    const absl::Status status = status_of_exception();
    return xla::error(*frame, int(status.code()), std::string(status.message()).c_str());
  }
}

template <class Body>
int register_for_xla(const std::string& op, const char* type) {
  if (xla_obstacle().empty())
    xla_obstacle() =
        xla::register_handler(STYLEGAN_XLA_PREFIX + op + "." + type, STYLEGAN_XLA_PLATFORM,
                              handle<Body>, XLA_FFI_COMMAND_BUFFER_COMPATIBLE);
  return 0;
}

}  // namespace stylegan

// Kernels of an op for float, bfloat16 and half. The op itself is the CPU library's.
#define STYLEGAN_REGISTER_GPU(name, Body)                           \
  STYLEGAN_REGISTER_GPU_TYPE(name, Body, float, float32)            \
  STYLEGAN_REGISTER_GPU_TYPE(name, Body, Eigen::bfloat16, bfloat16) \
  STYLEGAN_REGISTER_GPU_TYPE(name, Body, Eigen::half, float16)
#define STYLEGAN_REGISTER_GPU_TYPE(name, Body, T, xla_type)                     \
  REGISTER_KERNEL_BUILDER(Name(name).STYLEGAN_DEVICE.TypeConstraint<T>("T"),    \
                          stylegan::Kernel<Body<stylegan::CudaType<T>::type>>); \
  const int for_xla_##Body##_##xla_type =                                       \
      stylegan::register_for_xla<Body<stylegan::CudaType<T>::type>>(name, #xla_type);
