// The part of XLA's C API for foreign functions ("typed FFI") that the kernels use, as of its version
// 0.2. Its ABI is stable within a major version, so these declarations are enough: compiling needs
// no XLA. The library works with a TensorFlow that lacks the API, too, which is why it is weak.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct XLA_FFI_Error;
struct XLA_FFI_ExecutionContext;
struct XLA_FFI_InternalApi;

constexpr int kXlaMajor = 0, kXlaMinor = 2;  // the version that these declarations are of

enum XLA_FFI_Extension_Type { XLA_FFI_Extension_Metadata = 1 };
enum XLA_FFI_AttrType { XLA_FFI_AttrType_ARRAY = 1, XLA_FFI_AttrType_SCALAR = 3 };
enum XLA_FFI_Handler_Traits : uint32_t { XLA_FFI_COMMAND_BUFFER_COMPATIBLE = 1 };

struct XLA_FFI_Extension_Base {
  size_t struct_size;
  XLA_FFI_Extension_Type type;
  XLA_FFI_Extension_Base* next;
};

struct XLA_FFI_Api_Version {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  int major_version, minor_version;
};

struct XLA_FFI_ByteSpan {
  const char* ptr;
  size_t len;
};

struct XLA_FFI_Buffer {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  int dtype;
  void* data;
  int64_t rank;
  int64_t* dims;
};

struct XLA_FFI_Scalar {
  int dtype;
  void* value;
};

struct XLA_FFI_Array {
  int dtype;
  size_t size;
  void* data;
};

struct XLA_FFI_Buffers {  // XLA_FFI_Args, and XLA_FFI_Rets
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  int64_t size;
  int* types;
  void** buffers;
};

struct XLA_FFI_Attrs {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  int64_t size;
  XLA_FFI_AttrType* types;
  XLA_FFI_ByteSpan** names;
  void** attrs;
};

struct XLA_FFI_Api;

struct XLA_FFI_CallFrame {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  const XLA_FFI_Api* api;
  XLA_FFI_ExecutionContext* ctx;
  int stage;
  XLA_FFI_Buffers args, rets;
  XLA_FFI_Attrs attrs;
};

typedef XLA_FFI_Error* XLA_FFI_Handler(XLA_FFI_CallFrame*);

struct XLA_FFI_Metadata {  // what a handler tells of itself
  size_t struct_size;
  XLA_FFI_Api_Version api_version;
  uint32_t traits;
};

struct XLA_FFI_Metadata_Extension {
  XLA_FFI_Extension_Base extension_base;
  XLA_FFI_Metadata* metadata;
};

struct XLA_FFI_Error_Create_Args {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  const char* message;
  int errc;  // as TF_Code
};

struct XLA_FFI_Error_GetMessage_Args {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  XLA_FFI_Error* error;
  const char* message;
};

struct XLA_FFI_Error_Destroy_Args {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  XLA_FFI_Error* error;
};

struct XLA_FFI_Handler_Register_Args {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  XLA_FFI_ByteSpan name, platform;
  XLA_FFI_Handler *instantiate, *prepare, *initialize, *execute;
  uint32_t traits;
};

struct XLA_FFI_Stream_Get_Args {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  XLA_FFI_ExecutionContext* ctx;
  void* stream;
};

struct XLA_FFI_Api {
  size_t struct_size;
  XLA_FFI_Extension_Base* extension_start;
  XLA_FFI_Api_Version api_version;
  const XLA_FFI_InternalApi* internal_api;
  XLA_FFI_Error* (*error_create)(XLA_FFI_Error_Create_Args*);
  void (*error_get_message)(XLA_FFI_Error_GetMessage_Args*);
  void (*error_destroy)(XLA_FFI_Error_Destroy_Args*);
  XLA_FFI_Error* (*handler_register)(XLA_FFI_Handler_Register_Args*);
  XLA_FFI_Error* (*stream_get)(XLA_FFI_Stream_Get_Args*);
};

__attribute__((weak)) const XLA_FFI_Api* XLA_FFI_GetApi();

}  // extern "C"
