#include "framework.h"

#include <sys/mman.h>

namespace stylegan {
namespace {

// With kSame the first output has the shape of the first input. The Python wrappers set other
// shapes, since the C API cannot compute with dimensions.
template <bool kSame>
void infer_shapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
  if (!kSame) return;
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  TF_ShapeInferenceContextSetOutput(context, 0, shape, status);
  TF_DeleteShapeHandle(shape);
}

}  // namespace

void set_to_exception(TF_Status* status) noexcept {
  try {
    throw;
  } catch (const InvalidArgument& error) {
    TF_SetStatus(status, TF_INVALID_ARGUMENT, error.what());
  } catch (const std::bad_alloc&) {
    TF_SetStatus(status, TF_RESOURCE_EXHAUSTED, "out of memory");
  } catch (const std::exception& error) {
    TF_SetStatus(status, TF_INTERNAL, error.what());
  } catch (...) {
    TF_SetStatus(status, TF_INTERNAL, "an exception of an unknown type");
  }
}

void register_op(const char* name, Specs inputs, Specs outputs, Specs attributes,
                 Result result) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(name);
  for (const char* spec : inputs) TF_OpDefinitionBuilderAddInput(builder, spec);
  for (const char* spec : outputs) TF_OpDefinitionBuilderAddOutput(builder, spec);
  for (const char* spec : attributes) TF_OpDefinitionBuilderAddAttr(builder, spec);
  TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16, half}");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder, result == Result::kLikeFirstInput ? infer_shapes<true> : infer_shapes<false>);
  Status status;
  TF_RegisterOpDefinition(builder, status);
}

Tensor TensorFlowContext::input(int index) {
  TF_Tensor* tensor = nullptr;
  TF_GetInput(raw_, index, &tensor, status_);
  return Tensor(tensor);
}

void* TensorFlowContext::allocate(int index, TF_DataType type, int64_t bytes, const Shape& shape) {
  Tensor tensor(TF_AllocateOutput(raw_, index, type, shape.data(), int(shape.size()), bytes,
                                  status_));
  advise_huge_pages(tensor.data<char>(), bytes);
  return tensor.data<void>();
}

void* TensorFlowContext::allocate_over(int from, int index, int64_t bytes, const Shape& shape) {
  int forwarded = -1;
  Tensor tensor(TF_ForwardInputOrAllocateOutput(raw_, &from, 1, index, shape.data(),
                                                int(shape.size()), &forwarded, status_));
  if (forwarded < 0) advise_huge_pages(tensor.data<char>(), bytes);
  return tensor.data<void>();
}

int TensorFlowAttributes::integer(const char* name) {
  int32_t value = 0;
  TF_OpKernelConstruction_GetAttrInt32(raw_, name, &value, status_);
  return value;
}

std::vector<int32_t> TensorFlowAttributes::integers(const char* name, int length) {
  std::vector<int32_t> values(length);
  TF_OpKernelConstruction_GetAttrInt32List(raw_, name, values.data(), length, status_);
  return values;
}

float TensorFlowAttributes::number(const char* name) {
  float value = 0;
  TF_OpKernelConstruction_GetAttrFloat(raw_, name, &value, status_);
  return value;
}

bool TensorFlowAttributes::flag(const char* name) {
  unsigned char value = 0;
  TF_OpKernelConstruction_GetAttrBool(raw_, name, &value, status_);
  return value != 0;
}

void advise_huge_pages(char* data, int64_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr int64_t kPage = 2 << 20;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(data) + kPage - 1) / kPage * kPage;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + bytes) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace stylegan
