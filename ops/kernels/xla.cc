#include "xla.h"

#include "framework.h"
#include "xla_call.h"

namespace stylegan {
namespace {

const char* name_of(TF_DataType type) {
  return type == TF_FLOAT ? "float32" : type == TF_BFLOAT16 ? "bfloat16" : "float16";
}

// Why XLA cannot call the kernels; empty if it can. Never destroyed, since Python may ask late.
std::string& obstacle() {
  static std::string* const text = new std::string;
  return *text;
}

class XlaAttributes final : public Attributes {
 public:
  explicit XlaAttributes(const XLA_FFI_Attrs& all) : all_(all) {}
  int integer(const char* name) override { return xla::number<int32_t>(all_, name); }
  float number(const char* name) override { return xla::number<float>(all_, name); }
  bool flag(const char* name) override { return xla::number<bool>(all_, name); }
  std::vector<int32_t> integers(const char* name, int length) override {
    std::vector<int32_t> values = xla::numbers(all_, name);
    require(int64_t(values.size()) == length, "an attribute has another length");
    return values;
  }

 private:
  const XLA_FFI_Attrs& all_;
};

class XlaContext final : public Context {
 public:
  explicit XlaContext(const XLA_FFI_CallFrame& frame) : frame_(frame) {}
  Tensor input(int index) override { return tensor(frame_.args, index); }

 private:
  // XLA has made the outputs, for the shapes that it was told.
  void* allocate(int index, TF_DataType, int64_t, const Shape& shape) override {
    const Tensor output = tensor(frame_.rets, index);
    require(output.shape() == shape, "XLA was told another shape of an output");
    return output.data<void>();
  }
  void* allocate_over(int, int index, int64_t bytes, const Shape& shape) override {
    return allocate(index, TF_FLOAT, bytes, shape);
  }

  static Tensor tensor(const XLA_FFI_Buffers& buffers, int index) {
    const XLA_FFI_Buffer& buffer = xla::buffer(buffers, index);
    return Tensor(buffer.data, Shape(buffer.dims, buffer.dims + buffer.rank));
  }

  const XLA_FFI_CallFrame& frame_;
};

}  // namespace

XLA_FFI_Error* answer(XLA_FFI_CallFrame* frame, void (*run)(Attributes&, Context&)) noexcept {
  if (xla::tells_of_itself(*frame, 0)) return nullptr;
  try {
    XlaAttributes attributes(frame->attrs);
    XlaContext context(*frame);
    run(attributes, context);
    return nullptr;
  } catch (...) {
    Status status;
    set_to_exception(status);
    return xla::error(*frame, TF_GetCode(status), TF_Message(status));
  }
}

void register_handler(const char* op, TF_DataType type, XLA_FFI_Handler* handler) {
  if (!obstacle().empty()) return;
  const std::string name = std::string("stylegan_tf.") + op + "." + name_of(type);
  obstacle() = xla::register_handler(name, "Host", handler, 0);
}

}  // namespace stylegan

// Returns why programs of XLA cannot call the kernels; an empty text if they can.
extern "C" __attribute__((visibility("default"))) const char* stylegan_tf_xla_obstacle() {
  return stylegan::obstacle().c_str();
}
