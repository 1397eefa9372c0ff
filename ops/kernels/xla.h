// The kernels as functions that programs of XLA call, beside the ops of TensorFlow. Where TensorFlow
// lacks XLA's API for that, as 2.15 does, there are none, and everything else works.
#pragma once

#include "tensorflow_c.h"
#include "xla_c.h"

namespace stylegan {

class Attributes;
class Context;

// Registers what computes an op for a type, as "stylegan_tf.<op>.<type>".
void register_handler(const char* op, TF_DataType type, XLA_FFI_Handler* handler);

// Answers a call of XLA: by `run`, or where XLA asks what the handler is, by the version of the API.
XLA_FFI_Error* answer(XLA_FFI_CallFrame* frame, void (*run)(Attributes&, Context&)) noexcept;

template <class Kernel>
XLA_FFI_Error* handle(XLA_FFI_CallFrame* frame) {
  return answer(frame, [](Attributes& attributes, Context& context) {
    Kernel(attributes).compute(context);
  });
}

}  // namespace stylegan
