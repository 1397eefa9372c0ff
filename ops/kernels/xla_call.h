// Calls of kernels by XLA: registration, operands, attributes, errors. For the CPU's kernels and
// CUDA's.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "xla_c.h"

namespace stylegan {
namespace xla {

// An array in memory that XLA owns.
inline const XLA_FFI_Buffer& buffer(const XLA_FFI_Buffers& buffers, int index) {
  if (index >= buffers.size) throw std::runtime_error("XLA was given too few operands");
  return *static_cast<const XLA_FFI_Buffer*>(buffers.buffers[index]);
}

inline const void* attribute(const XLA_FFI_Attrs& all, const char* name, XLA_FFI_AttrType type) {
  for (int64_t i = 0; i < all.size; ++i) {
    const XLA_FFI_ByteSpan& other = *all.names[i];
    if (other.len == std::strlen(name) && std::memcmp(other.ptr, name, other.len) == 0 &&
        all.types[i] == type)
      return all.attrs[i];
  }
  throw std::runtime_error("XLA was not given all attributes");
}

template <class Value>
Value number(const XLA_FFI_Attrs& all, const char* name) {
  const void* found = attribute(all, name, XLA_FFI_AttrType_SCALAR);
  return *static_cast<const Value*>(static_cast<const XLA_FFI_Scalar*>(found)->value);
}

inline std::vector<int32_t> numbers(const XLA_FFI_Attrs& all, const char* name) {
  const void* found = attribute(all, name, XLA_FFI_AttrType_ARRAY);
  const auto* array = static_cast<const XLA_FFI_Array*>(found);
  const auto* values = static_cast<const int32_t*>(array->data);
  return std::vector<int32_t>(values, values + array->size);
}

// XLA calls a handler for what it is, too, before it registers it.
inline bool tells_of_itself(const XLA_FFI_CallFrame& frame, uint32_t traits) {
  const XLA_FFI_Extension_Base* extension = frame.extension_start;
  if (extension == nullptr || extension->type != XLA_FFI_Extension_Metadata) return false;
  XLA_FFI_Metadata* metadata =
      reinterpret_cast<const XLA_FFI_Metadata_Extension*>(extension)->metadata;
  metadata->api_version.major_version = kXlaMajor;
  metadata->api_version.minor_version = kXlaMinor;
  metadata->traits = traits;
  return true;
}

// `code` is one of TF_Code, whose numbers are those of absl and XLA, too.
inline XLA_FFI_Error* error(const XLA_FFI_CallFrame& frame, int code, const char* message) {
  XLA_FFI_Error_Create_Args arguments{sizeof arguments, nullptr, message, code};
  return frame.api->error_create(&arguments);
}

// Registers a function for a platform, "Host" or "CUDA". Returns why that failed, or nothing.
inline std::string register_handler(const std::string& name, const std::string& platform,
                                    XLA_FFI_Handler* handler, uint32_t traits) {
  if (XLA_FFI_GetApi == nullptr) return "this TensorFlow's XLA calls no other libraries";
  const XLA_FFI_Api* api = XLA_FFI_GetApi();
  XLA_FFI_Handler_Register_Args arguments{};
  arguments.struct_size = sizeof arguments;
  arguments.name = {name.data(), name.size()};
  arguments.platform = {platform.data(), platform.size()};
  arguments.execute = handler;
  arguments.traits = traits;
  XLA_FFI_Error* error = api->handler_register(&arguments);
  if (error == nullptr) return "";
  XLA_FFI_Error_GetMessage_Args got{sizeof got, nullptr, error, nullptr};
  api->error_get_message(&got);
  const std::string why = got.message;
  XLA_FFI_Error_Destroy_Args gone{sizeof gone, nullptr, error};
  api->error_destroy(&gone);
  return why;
}

}  // namespace xla
}  // namespace stylegan
