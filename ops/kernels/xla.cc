#include "xla.h"

#include <algorithm>
#include <string>

#include "framework.h"

namespace stylegan {
namespace {

const char* name_of(TF_DataType type) {
  return type == TF_FLOAT ? "float32" : type == TF_BFLOAT16 ? "bfloat16" : "float16";
}

// Why XLA cannot call the kernels; empty if it can. Never destroyed, since handlers are registered
// before main and asked about until its end.
std::string& obstacle() {
  static std::string* const text = new std::string;
  return *text;
}

XLA_FFI_ByteSpan span(const std::string& text) { return {text.data(), text.size()}; }

class XlaAttributes final : public Attributes {
 public:
  explicit XlaAttributes(const XLA_FFI_Attrs& attributes) : attributes_(attributes) {}

  int integer(const char* name) override { return scalar<int32_t>(name); }
  float number(const char* name) override { return scalar<float>(name); }
  bool flag(const char* name) override { return scalar<bool>(name); }
  std::vector<int32_t> integers(const char* name, int length) override {
    const auto* array = static_cast<XLA_FFI_Array*>(find(name, XLA_FFI_AttrType_ARRAY));
    require(int64_t(array->size) == length, "an attribute has another length");
    const auto* values = static_cast<const int32_t*>(array->data);
    return std::vector<int32_t>(values, values + length);
  }

 private:
  template <class T>
  T scalar(const char* name) const {
    return *static_cast<T*>(
        static_cast<XLA_FFI_Scalar*>(find(name, XLA_FFI_AttrType_SCALAR))->value);
  }

  void* find(const char* name, XLA_FFI_AttrType type) const {
    for (int64_t i = 0; i < attributes_.size; ++i) {
      const XLA_FFI_ByteSpan& other = *attributes_.names[i];
      if (other.len == std::strlen(name) && std::memcmp(other.ptr, name, other.len) == 0 &&
          attributes_.types[i] == type)
        return attributes_.attrs[i];
    }
    throw InvalidArgument("an attribute is missing");
  }

  const XLA_FFI_Attrs& attributes_;
};

class XlaContext final : public Context {
 public:
  explicit XlaContext(const XLA_FFI_CallFrame& frame) : frame_(frame) {}

  Tensor input(int index) override { return tensor(frame_.args, index); }

 private:
  // XLA has allocated the outputs, for the shapes that Python told it.
  void* allocate(int index, TF_DataType, int64_t, const Shape& shape) override {
    const Tensor output = tensor(frame_.rets, index);
    require(output.shape() == shape, "XLA was told another shape of an output");
    return output.data<void>();
  }
  void* allocate_over(int, int index, int64_t bytes, const Shape& shape) override {
    return allocate(index, TF_FLOAT, bytes, shape);
  }

  static Tensor tensor(const XLA_FFI_Buffers& buffers, int index) {
    require(index < buffers.size, "an operand is missing");
    const auto* buffer = static_cast<XLA_FFI_Buffer*>(buffers.buffers[index]);
    return Tensor(buffer->data, Shape(buffer->dims, buffer->dims + buffer->rank));
  }

  const XLA_FFI_CallFrame& frame_;
};

}  // namespace

XLA_FFI_Error* answer(XLA_FFI_CallFrame* frame, void (*run)(Attributes&, Context&)) noexcept {
  const XLA_FFI_Extension_Base* extension = frame->extension_start;
  if (extension != nullptr && extension->type == XLA_FFI_Extension_Metadata) {
    auto* metadata = reinterpret_cast<const XLA_FFI_Metadata_Extension*>(extension)->metadata;
    metadata->api_version.major_version = kXlaMajor;
    metadata->api_version.minor_version = kXlaMinor;
    metadata->traits = 0;
    return nullptr;
  }
  try {
    XlaAttributes attributes(frame->attrs);
    XlaContext context(*frame);
    run(attributes, context);
    return nullptr;
  } catch (...) {
    Status status;
    set_to_exception(status);
    XLA_FFI_Error_Create_Args error{sizeof error, nullptr, TF_Message(status), TF_GetCode(status)};
    return frame->api->error_create(&error);
  }
}

void register_handler(const char* op, TF_DataType type, XLA_FFI_Handler* handler) {
  if (!obstacle().empty()) return;
  if (XLA_FFI_GetApi == nullptr) {
    obstacle() = "this TensorFlow has no interface for them";
    return;
  }
  const std::string name = std::string("stylegan_tf.") + op + "." + name_of(type), platform = "Host";
  const XLA_FFI_Api* api = XLA_FFI_GetApi();
  XLA_FFI_Handler_Register_Args handlers{sizeof handlers, nullptr, span(name), span(platform),
                                         nullptr,         nullptr, nullptr,    handler,
                                         0};
  XLA_FFI_Error* error = api->handler_register(&handlers);
  if (error == nullptr) return;
  XLA_FFI_Error_GetMessage_Args message{sizeof message, nullptr, error, nullptr};
  api->error_get_message(&message);
  obstacle() = message.message;
  XLA_FFI_Error_Destroy_Args gone{sizeof gone, nullptr, error};
  api->error_destroy(&gone);
}

}  // namespace stylegan

// Returns why programs of XLA cannot call the kernels, in one line; an empty one if they can.
extern "C" __attribute__((visibility("default"))) const char* stylegan_tf_xla_obstacle() {
  return stylegan::obstacle().c_str();
}
