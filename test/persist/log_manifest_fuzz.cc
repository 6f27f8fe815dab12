// The bytes of a manifest: what is taken reads back the same once it is written by us.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "persist/log_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  const auto manifest = torc::ParseManifest(bytes);
  if (!manifest.ok()) return 0;
  const auto again = torc::ParseManifest(torc::FormatManifest(*manifest));
  TORC_CHECK(again.ok(), "what we write we can read");
  TORC_CHECK(*again == *manifest, "and it is the same");
  return 0;
}
