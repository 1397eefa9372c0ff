// Runs the CPU kernels without TensorFlow, on any machine that its C API is not at hand for: takes
// the place of what they use of it, calls every kernel for every type, and prints what comes out.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tensorflow_c.h"

struct TF_Status {
  TF_Code code = TF_OK;
  std::string message;
};

struct TF_Tensor {
  TF_DataType type;
  std::vector<int64_t> shape;
  void* data;
  static int64_t bytes_of(TF_DataType type) { return type == TF_FLOAT ? 4 : 2; }
  int64_t size() const {
    int64_t size = 1;
    for (int64_t side : shape) size *= side;
    return size;
  }
};

struct TF_OpDefinitionBuilder {
  std::string name;
  std::vector<std::string> inputs;
};

struct TF_KernelBuilder {
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*remove)(void*);
  TF_DataType type;
};

using Values = std::vector<float>;

struct TF_OpKernelConstruction {
  std::map<std::string, Values> attributes;
};

struct TF_OpKernelContext {
  std::vector<TF_Tensor> inputs;
  std::map<int, TF_Tensor> outputs;
  std::string failure;
};

namespace {

std::map<std::string, std::vector<std::string>>& inputs_of() {
  static std::map<std::string, std::vector<std::string>> ops;
  return ops;
}

std::map<std::string, std::vector<TF_KernelBuilder>>& kernels_of() {
  static std::map<std::string, std::vector<TF_KernelBuilder>> kernels;
  return kernels;
}

TF_Tensor allocated(TF_DataType type, const int64_t* dims, int rank) {
  TF_Tensor tensor{type, std::vector<int64_t>(dims, dims + rank), nullptr};
  tensor.data = std::calloc(tensor.size() + 64, TF_Tensor::bytes_of(type));
  return tensor;
}

// For the values of `fill` only: both types hold them, and none is below the normal numbers of half.
uint16_t narrow(float value, TF_DataType type) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  if (type == TF_BFLOAT16 || value == 0) return bits >> 16;
  return (bits >> 16 & 0x8000) | ((bits >> 23 & 0xff) - 112) << 10 | (bits >> 13 & 0x3ff);
}

float widened(uint16_t value, TF_DataType type) {
  if (type == TF_BFLOAT16) {
    const uint32_t bits = uint32_t(value) << 16;
    float out;
    __builtin_memcpy(&out, &bits, 4);
    return out;
  }
  const int exponent = value >> 10 & 31, mantissa = value & 1023;
  const float sign = value >> 15 ? -1.0f : 1.0f;
  if (exponent == 31) return mantissa ? NAN : sign * INFINITY;
  return sign * (exponent ? std::ldexp(mantissa + 1024.0f, exponent - 25)
                          : std::ldexp(float(mantissa), -24));
}

// Multiples of 1/16 from -2 to 2, which every type holds; the same on every machine.
void fill(TF_Tensor& tensor) {
  static uint32_t state = 1;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const float value = (int(state >> 26) - 32) / 16.0f;
    if (tensor.type == TF_FLOAT) static_cast<float*>(tensor.data)[i] = value;
    else static_cast<uint16_t*>(tensor.data)[i] = narrow(value, tensor.type);
  }
}

using Shapes = std::vector<std::vector<int64_t>>;

// Calls one op for each type; a line a result: op, type, which output, its numbers.
int failures = 0;
void run(const std::string& op, const Shapes& shapes,
         const std::map<std::string, Values>& attributes = {}) {
  for (const TF_KernelBuilder& kernel : kernels_of().at(op)) {
    TF_OpKernelConstruction construction{attributes};
    TF_OpKernelContext context;
    for (size_t i = 0; i < shapes.size(); ++i) {
      const std::string& spec = inputs_of().at(op).at(i);
      const bool is_typed = spec.substr(spec.size() - 2) == " T";
      context.inputs.push_back(allocated(is_typed ? kernel.type : TF_FLOAT, shapes[i].data(),
                                         int(shapes[i].size())));
      fill(context.inputs.back());
    }
    void* made = kernel.create(&construction);
    kernel.compute(made, &context);
    kernel.remove(made);
    if (!context.failure.empty()) {
      ++failures;
      std::fprintf(stderr, "%s: %s\n", op.c_str(), context.failure.c_str());
    }
    for (const auto& [index, tensor] : context.outputs) {
      std::printf("%s %d %d", op.c_str(), kernel.type, index);
      for (int64_t i = 0; i < tensor.size(); ++i) {
        const float value = tensor.type == TF_FLOAT
                                ? static_cast<float*>(tensor.data)[i]
                                : widened(static_cast<uint16_t*>(tensor.data)[i], tensor.type);
        std::printf(" %.9g", value);
      }
      std::printf("\n");
    }
  }
}

}  // namespace

extern "C" {

TF_Status* TF_NewStatus() { return new TF_Status; }
void TF_DeleteStatus(TF_Status* status) { delete status; }
void TF_SetStatus(TF_Status* status, TF_Code code, const char* message) { *status = {code, message}; }
TF_Code TF_GetCode(const TF_Status* status) { return status->code; }
const char* TF_Message(const TF_Status* status) { return status->message.c_str(); }

void* TF_TensorData(const TF_Tensor* tensor) { return tensor->data; }
int TF_NumDims(const TF_Tensor* tensor) { return int(tensor->shape.size()); }
int64_t TF_Dim(const TF_Tensor* tensor, int index) { return tensor->shape[index]; }
void TF_DeleteTensor(TF_Tensor* tensor) { delete tensor; }

TF_OpDefinitionBuilder* TF_NewOpDefinitionBuilder(const char* name) {
  return new TF_OpDefinitionBuilder{name, {}};
}
void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder*, const char*) {}
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder* op, const char* spec) {
  op->inputs.push_back(spec);
}
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder*, const char*) {}
void TF_OpDefinitionBuilderSetShapeInferenceFunction(
    TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)) {}
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder* op, TF_Status*) {
  inputs_of()[op->name] = op->inputs;
  delete op;
}

TF_ShapeHandle* TF_NewShapeHandle() { return nullptr; }
void TF_DeleteShapeHandle(TF_ShapeHandle*) {}
void TF_ShapeInferenceContextGetInput(TF_ShapeInferenceContext*, int, TF_ShapeHandle*, TF_Status*) {}
void TF_ShapeInferenceContextSetOutput(TF_ShapeInferenceContext*, int, TF_ShapeHandle*,
                                       TF_Status*) {}
void TF_ShapeInferenceContextSetUnknownShape(TF_ShapeInferenceContext*, TF_Status*) {}

TF_KernelBuilder* TF_NewKernelBuilder(const char*, const char*,
                                      void* (*create)(TF_OpKernelConstruction*),
                                      void (*compute)(void*, TF_OpKernelContext*),
                                      void (*remove)(void*)) {
  return new TF_KernelBuilder{create, compute, remove, TF_FLOAT};
}
void TF_KernelBuilder_TypeConstraint(TF_KernelBuilder* kernel, const char*, TF_DataType type,
                                     TF_Status*) {
  kernel->type = type;
}
void TF_RegisterKernelBuilder(const char* op, TF_KernelBuilder* kernel, TF_Status*) {
  kernels_of()[op].push_back(*kernel);
  delete kernel;
}

void TF_OpKernelConstruction_GetAttrInt32(TF_OpKernelConstruction* op, const char* attr,
                                          int32_t* value, TF_Status*) {
  *value = int32_t(op->attributes.at(attr).at(0));
}
void TF_OpKernelConstruction_GetAttrInt32List(TF_OpKernelConstruction* op, const char* attr,
                                              int32_t* values, int length, TF_Status*) {
  for (int i = 0; i < length; ++i) values[i] = int32_t(op->attributes.at(attr).at(i));
}
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction* op, const char* attr,
                                          float* value, TF_Status*) {
  *value = op->attributes.at(attr).at(0);
}
void TF_OpKernelConstruction_GetAttrBool(TF_OpKernelConstruction* op, const char* attr,
                                         unsigned char* value, TF_Status*) {
  *value = op->attributes.at(attr).at(0) != 0;
}
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction*, TF_Status*) {}

void TF_GetInput(TF_OpKernelContext* context, int index, TF_Tensor** tensor, TF_Status*) {
  *tensor = new TF_Tensor(context->inputs.at(index));
}
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext* context, int index, TF_DataType type,
                             const int64_t* dims, int rank, size_t, TF_Status*) {
  context->outputs[index] = allocated(type, dims, rank);
  return new TF_Tensor(context->outputs[index]);
}
TF_Tensor* TF_ForwardInputOrAllocateOutput(TF_OpKernelContext* context, const int* candidates, int,
                                           int index, const int64_t* dims, int rank,
                                           int* forwarded, TF_Status* status) {
  *forwarded = -1;
  const TF_DataType type = context->inputs.at(candidates[0]).type;
  return TF_AllocateOutput(context, index, type, dims, rank, 0, status);
}
void TF_OpKernelContext_Failure(TF_OpKernelContext* context, TF_Status* status) {
  context->failure = status->message;
}

}  // extern "C"

int main() {
  // Channels that fill no vector, one vector, and several; rows and strips that end within one.
  for (const int64_t c : {1, 3, 8, 17}) {
    const std::vector<int64_t> x{2, 5, 6, c}, each{c}, both{2, 2 * c}, image{2, c};
    for (const int64_t images : {0, 1, 2}) {  // of the noise
      const std::map<std::string, Values> attributes{
          {"gain", {1.5}}, {"clamp", {0.5}}, {"noise", {float(images)}}};
      run("StyleganBiasAct", {x, each, {images, 5, 6, 1}, {}}, attributes);
      run("StyleganBiasActGrad", {x, x}, attributes);
      run("StyleganMaskedBias", {x, each, {images, 5, 6, 1}, x}, attributes);
    }
    run("StyleganBlur", {x});
    run("StyleganUpfirdn", {x, {3, 4}}, {{"up", {2}}, {"down", {1}}, {"padding", {2, 1, 0, 3}}});
    run("StyleganUpfirdn", {x, {2, 2}}, {{"up", {1}}, {"down", {2}}, {"padding", {0, 0, 1, 1}}});
    run("StyleganToRgb", {x, {1, 1, c, 3}, {3}}, {{"scale", {0.5}}});
    for (const float blur : {0.0f, 1.0f}) {
      const std::vector<int64_t> noise{2, 5, 6, 1};
      run("StyleganEpilogue", {x, noise, each, each, both}, {{"blur", {blur}}});
      run("StyleganEpilogueGrad", {x, x, noise, each, each, both, image, image},
          {{"blur", {blur}}});
    }
    for (const float transposed : {0.0f, 1.0f}) {
      const std::map<std::string, Values> attributes{
          {"scale", {0.25}}, {"shifts", {2}}, {"transposed", {transposed}}};
      run("StyleganConvKernel", {{3, 3, c, 5}}, attributes);
      run("StyleganConvKernelGrad", {{4, 4, c, 5}}, attributes);
    }
  }
  for (const float resample : {-1.0f, 0.0f, 1.0f}) {  // down, none, up
    for (const float transposed : {0.0f, 1.0f})
      run("StyleganWinograd", {{2, 6, 10, 16}, {3, 3, transposed ? 32 : 16, transposed ? 16 : 32}},
          {{"scale", {0.5}}, {"resample", {resample}}, {"transposed", {transposed}}});
    const int64_t h = resample > 0 ? 12 : resample < 0 ? 3 : 6;
    const int64_t w = resample > 0 ? 20 : resample < 0 ? 5 : 10;
    run("StyleganWinogradGrad", {{2, 6, 10, 16}, {2, h, w, 32}},
        {{"scale", {0.5}}, {"resample", {resample}}});
  }
  return failures ? 1 : 0;
}
