// Bytes as a gossip message: whatever decodes comes back the same through the codec.
#include <string>

#include "base/check.h"
#include "cluster/gossip_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  const auto message =
      torc::DecodeGossip(std::string_view(reinterpret_cast<const char*>(data), size_bytes));
  if (!message) return 0;
  std::string bytes;
  torc::EncodeGossip(*message, &bytes);
  TORC_CHECK(bytes.size() <= size_bytes, "the codec writes the shortest form");
  TORC_CHECK(torc::DecodeGossip(bytes) == message, "a decoded message comes back the same");
  return 0;
}
