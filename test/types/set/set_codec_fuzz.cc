// Sets from hostile bytes, in every encoding that an RDB file knows.

#include "support/codec_fuzz.h"
#include "types/set/set.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  return torc::FuzzCodec(torc::kSetType, data, size_bytes);
}
