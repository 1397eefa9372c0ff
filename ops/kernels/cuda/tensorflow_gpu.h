// TensorFlow's C++ API in the form for the kernels: pointers, a workspace, a stream, exceptions.
#pragma once

#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "launchers.h"
#include "tensorflow/core/framework/op_kernel.h"

// Under the emulation the kernels are registered for the CPU with a label, by which tests select
// them.
#ifdef STYLEGAN_EMULATE
#define STYLEGAN_DEVICE Device(tensorflow::DEVICE_CPU).Label("emulated")
#else
#include "xla/stream_executor/stream.h"
#define STYLEGAN_DEVICE Device(tensorflow::DEVICE_GPU)
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
  explicit Call(tensorflow::OpKernelContext* context) : context_(context) {}

  const tensorflow::TensorShape& shape(int input) const { return context_->input(input).shape(); }
  int64_t size(int input) const { return shape(input).num_elements(); }

  template <class T>
  const T* input(int index) const {
    return static_cast<const T*>(context_->input(index).data());
  }

  template <class T>
  T* output(int index, const tensorflow::TensorShape& shape) {
    tensorflow::Tensor* tensor = nullptr;
    require_ok(context_->allocate_output(index, shape, &tensor));
    return static_cast<T*>(tensor->data());
  }

  // Memory for this run. TensorFlow gives it to later work on the same stream only.
  void* workspace(int64_t bytes) {
    const tensorflow::TensorShape shape({bytes});
    require_ok(context_->allocate_temp(tensorflow::DT_INT8, shape, &workspace_));
    return workspace_.data();
  }

  cudaStream_t stream() const {
#ifdef STYLEGAN_EMULATE
    return nullptr;
#else
    auto* stream = context_->op_device_context()->stream();
    return static_cast<cudaStream_t>(stream->platform_specific_handle().stream);
#endif
  }

 private:
  tensorflow::OpKernelContext* context_;
  tensorflow::Tensor workspace_;
};

template <class Value>
Value attribute(tensorflow::OpKernelConstruction* construction, const char* name) {
  Value value{};
  require_ok(construction->GetAttr(name, &value));
  return value;
}

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

// An op whose `Body` is made from the construction and has `void compute(Call&) const`.
template <class Body>
class Kernel : public tensorflow::OpKernel {
 public:
  explicit Kernel(tensorflow::OpKernelConstruction* construction) : OpKernel(construction) {
    try {
      body_ = std::make_unique<Body>(construction);
    } catch (...) {
      construction->CtxFailure(status_of_exception());
    }
  }

  void Compute(tensorflow::OpKernelContext* context) override {
    try {
      Call call(context);
      body_->compute(call);
    } catch (...) {
      context->CtxFailure(status_of_exception());
    }
  }

 private:
  std::unique_ptr<const Body> body_;
};

}  // namespace stylegan

// Kernels of an op for float, bfloat16 and half. The op itself is the CPU library's.
#define STYLEGAN_REGISTER_GPU(name, Body)                 \
  STYLEGAN_REGISTER_GPU_TYPE(name, Body, float)           \
  STYLEGAN_REGISTER_GPU_TYPE(name, Body, Eigen::bfloat16) \
  STYLEGAN_REGISTER_GPU_TYPE(name, Body, Eigen::half)
#define STYLEGAN_REGISTER_GPU_TYPE(name, Body, T)                            \
  REGISTER_KERNEL_BUILDER(Name(name).STYLEGAN_DEVICE.TypeConstraint<T>("T"), \
                          stylegan::Kernel<Body<stylegan::CudaType<T>::type>>);
