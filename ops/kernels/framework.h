// What a kernel sees of its caller, TensorFlow or XLA: tensors, attributes, outputs; wrappers of
// TensorFlow's C API; registration of ops and kernels.
#pragma once

#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tensorflow_c.h"
#include "vec.h"
#include "xla.h"

namespace stylegan {

using Shape = std::vector<int64_t>;

inline int64_t size_of(const Shape& shape) {
  int64_t size = 1;
  for (int64_t side : shape) size *= side;
  return size;
}

// Thrown by a kernel; the op fails with its message.
struct InvalidArgument : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool condition, const char* message) {
  if (!condition) throw InvalidArgument(message);
}

class Status {
 public:
  Status() : raw_(TF_NewStatus()) {}
  Status(const Status&) = delete;
  ~Status() { TF_DeleteStatus(raw_); }
  operator TF_Status*() { return raw_; }
  bool ok() const { return TF_GetCode(raw_) == TF_OK; }

 private:
  TF_Status* raw_;
};

// Sets a status to the exception that is being handled; TensorFlow's callers of kernels know none.
void set_to_exception(TF_Status* status) noexcept;

template <class T> constexpr TF_DataType kType = TF_FLOAT;
template <> constexpr TF_DataType kType<bfloat16> = TF_BFLOAT16;
template <> constexpr TF_DataType kType<half> = TF_HALF;

// A handle to a tensor. TensorFlow or XLA owns the buffer.
class Tensor {
 public:
  explicit Tensor(TF_Tensor* raw) : raw_(raw) {
    if (raw == nullptr) throw std::bad_alloc();
    data_ = TF_TensorData(raw);
    for (int i = 0; i < TF_NumDims(raw); ++i) shape_.push_back(TF_Dim(raw, i));
  }
  Tensor(void* data, Shape&& shape) : data_(data), shape_(std::move(shape)) {}
  Tensor(Tensor&& other) noexcept
      : raw_(other.raw_), data_(other.data_), shape_(std::move(other.shape_)) {
    other.raw_ = nullptr;
  }
  ~Tensor() {
    if (raw_ != nullptr) TF_DeleteTensor(raw_);
  }
  const Shape& shape() const& { return shape_; }
  Shape shape() && { return std::move(shape_); }
  int64_t size() const { return size_of(shape_); }
  template <class T>
  T* data() const {
    return static_cast<T*>(data_);
  }

 private:
  TF_Tensor* raw_ = nullptr;
  void* data_;
  Shape shape_;
};

// Requests pages of 2 MB. TensorFlow gets large buffers from the system, and the first touch of
// each page of 4 KB costs more than the kernel's own work.
void advise_huge_pages(char* data, int64_t bytes);

// One run of a kernel.
class Context {
 public:
  virtual Tensor input(int index) = 0;

  // Shapes are moved, never copied: the copy constructor of std::vector, compiled with GCC 11 or
  // newer, needs a symbol that the libstdc++ of older systems lacks (a test checks the symbols).
  Shape input_shape(int index) { return input(index).shape(); }

  template <class T>
  T* output(int index, const Shape& shape) {
    return static_cast<T*>(allocate(index, kType<T>, size_of(shape) * sizeof(T), shape));
  }

  // An output in the buffer of an input of the same shape if nothing else needs that input, else in
  // a new one. Must be called before `input(from)`, whose handle would keep the buffer in use.
  template <class T>
  T* output_over(int from, int index, const Shape& shape) {
    return static_cast<T*>(allocate_over(from, index, size_of(shape) * sizeof(T), shape));
  }

 protected:
  ~Context() = default;

 private:
  virtual void* allocate(int index, TF_DataType type, int64_t bytes, const Shape& shape) = 0;
  virtual void* allocate_over(int from, int index, int64_t bytes, const Shape& shape) = 0;
};

// The attributes of an op.
class Attributes {
 public:
  virtual int integer(const char* name) = 0;
  virtual std::vector<int32_t> integers(const char* name, int length) = 0;
  virtual float number(const char* name) = 0;
  virtual bool flag(const char* name) = 0;

 protected:
  ~Attributes() = default;
};

class TensorFlowContext final : public Context {
 public:
  explicit TensorFlowContext(TF_OpKernelContext* raw) : raw_(raw) {}
  Tensor input(int index) override;

 private:
  void* allocate(int index, TF_DataType type, int64_t bytes, const Shape& shape) override;
  void* allocate_over(int from, int index, int64_t bytes, const Shape& shape) override;

  TF_OpKernelContext* raw_;
  Status status_;
};

class TensorFlowAttributes final : public Attributes {
 public:
  explicit TensorFlowAttributes(TF_OpKernelConstruction* raw) : raw_(raw) {}
  int integer(const char* name) override;
  std::vector<int32_t> integers(const char* name, int length) override;
  float number(const char* name) override;
  bool flag(const char* name) override;

 private:
  TF_OpKernelConstruction* raw_;
  Status status_;
};

// Registers `Kernel` (constructed from Attributes, with `void compute(Context&) const`).
template <class Kernel>
void register_kernel(const char* op, TF_DataType type) {
  const auto create = [](TF_OpKernelConstruction* raw) -> void* {
    try {
      TensorFlowAttributes attributes(raw);
      return new Kernel(attributes);
    } catch (...) {
      Status status;
      set_to_exception(status);
      TF_OpKernelConstruction_Failure(raw, status);
      return nullptr;
    }
  };
  const auto compute = [](void* kernel, TF_OpKernelContext* raw) {
    try {
      TensorFlowContext context(raw);
      static_cast<const Kernel*>(kernel)->compute(context);
    } catch (...) {
      Status status;
      set_to_exception(status);
      TF_OpKernelContext_Failure(raw, status);
    }
  };
  const auto remove = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  Status status;
  TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU", create, compute, remove);
  TF_KernelBuilder_TypeConstraint(builder, "T", type, status);
  TF_RegisterKernelBuilder(op, builder, status);
  register_handler(op, type, handle<Kernel>);
}

using Specs = std::initializer_list<const char*>;
enum class Result { kLikeFirstInput, kOther };  // the shape of the first output
void register_op(const char* name, Specs inputs, Specs outputs, Specs attributes, Result result);

// Registers an op and its kernels for float, bfloat16 and half.
template <template <class> class Kernel>
int register_all(const char* name, Specs inputs, Specs outputs, Specs attributes = {},
                 Result result = Result::kLikeFirstInput) {
  register_op(name, inputs, outputs, attributes, result);
  register_kernel<Kernel<float>>(name, TF_FLOAT);
  register_kernel<Kernel<bfloat16>>(name, TF_BFLOAT16);
  register_kernel<Kernel<half>>(name, TF_HALF);
  return 0;
}

}  // namespace stylegan
