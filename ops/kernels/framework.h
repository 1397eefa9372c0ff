// C++ wrappers of TensorFlow's C API: tensors, the context of a kernel, registration of ops and
// kernels.
#pragma once

#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "vec.h"
#include "tensorflow_c.h"

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

// Owns a handle to a tensor. TensorFlow owns the buffer.
class Tensor {
 public:
  explicit Tensor(TF_Tensor* raw) : raw_(raw) {
    if (raw == nullptr) throw std::bad_alloc();
    for (int i = 0; i < TF_NumDims(raw); ++i) shape_.push_back(TF_Dim(raw, i));
  }
  Tensor(Tensor&& other) noexcept : raw_(other.raw_), shape_(std::move(other.shape_)) {
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
    return static_cast<T*>(TF_TensorData(raw_));
  }

 private:
  TF_Tensor* raw_;
  Shape shape_;
};

// Requests pages of 2 MB. TensorFlow gets large buffers from the system, and the first touch of
// each page of 4 KB costs more than the kernel's own work.
void advise_huge_pages(char* data, int64_t bytes);

class Context {
 public:
  explicit Context(TF_OpKernelContext* raw) : raw_(raw) {}

  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(raw_, index, &tensor, status_);
    return Tensor(tensor);
  }

  // Shapes are moved, never copied: the copy constructor of std::vector, compiled with GCC 11 or
  // newer, needs a symbol that the libstdc++ of older systems lacks (a test checks the symbols).
  Shape input_shape(int index) { return input(index).shape(); }

  template <class T>
  T* output(int index, const Shape& shape) {
    const int64_t bytes = size_of(shape) * sizeof(T);
    Tensor tensor(TF_AllocateOutput(raw_, index, kType<T>, shape.data(), int(shape.size()),
                                    bytes, status_));
    advise_huge_pages(tensor.data<char>(), bytes);
    return tensor.data<T>();
  }

  // An output in the buffer of an input of the same shape if nothing else needs that input, else in
  // a new one. Must be called before `input(from)`, whose handle would keep the buffer in use.
  template <class T>
  T* output_over(int from, int index, const Shape& shape) {
    int forwarded = -1;
    Tensor tensor(TF_ForwardInputOrAllocateOutput(raw_, &from, 1, index, shape.data(),
                                                  int(shape.size()), &forwarded, status_));
    if (forwarded < 0) advise_huge_pages(tensor.data<char>(), size_of(shape) * sizeof(T));
    return tensor.data<T>();
  }

 private:
  TF_OpKernelContext* raw_;
  Status status_;
};

class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* raw) : raw_(raw) {}
  int integer(const char* name) {
    int32_t value = 0;
    TF_OpKernelConstruction_GetAttrInt32(raw_, name, &value, status_);
    return value;
  }
  std::vector<int32_t> integers(const char* name, int length) {
    std::vector<int32_t> values(length);
    TF_OpKernelConstruction_GetAttrInt32List(raw_, name, values.data(), length, status_);
    return values;
  }
  float number(const char* name) {
    float value = 0;
    TF_OpKernelConstruction_GetAttrFloat(raw_, name, &value, status_);
    return value;
  }
  bool flag(const char* name) {
    unsigned char value = 0;
    TF_OpKernelConstruction_GetAttrBool(raw_, name, &value, status_);
    return value != 0;
  }

 private:
  TF_OpKernelConstruction* raw_;
  Status status_;
};

// Registers `Kernel` (constructed from Attributes, with `void compute(Context&) const`).
template <class Kernel>
void register_kernel(const char* op, TF_DataType type) {
  const auto create = [](TF_OpKernelConstruction* raw) -> void* {
    try {
      Attributes attributes(raw);
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
      Context context(raw);
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
