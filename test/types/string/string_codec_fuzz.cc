// Strings from hostile bytes, in every encoding that an RDB file knows.

#include "support/codec_fuzz.h"
#include "types/string/string.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  return torc::FuzzCodec(torc::kStringType, data, size_bytes);
}
