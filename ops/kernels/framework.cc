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

void advise_huge_pages(char* data, int64_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr int64_t kPage = 2 << 20;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(data) + kPage - 1) / kPage * kPage;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + bytes) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace stylegan
