// Streams from hostile bytes: what is read is a sound stream, and is the same after being written
// and read again. The first byte chooses the RDB type.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "store/entry.h"
#include "types/stream/stream.h"
#include "types/stream/stream_type.h"

namespace torc {
namespace {

constexpr RdbType kTypes[] = {RdbType::kStreamListpacks, RdbType::kStreamListpacks2,
                              RdbType::kStreamListpacks3};

// Null if it was refused.
Entry* Load(RdbType type, std::string_view bytes) {
  RdbReader reader(bytes);
  const LoadedValue value = kStreamType.load(static_cast<uint8_t>(type), reader, ValueLimits{});
  if (!value.boxed) return nullptr;
  Entry* const entry =
      Entry::New("key", {.type = ValueType::kStream, .boxed = true, .inline_bytes = 8});
  entry->set_value_box(value.box);
  return entry;
}

void Delete(Entry* entry) {
  kStreamType.free_value(entry);
  Entry::Delete(entry);
}

void Travel(Entry* entry) {
  static_cast<StreamValue*>(entry->value_box())->CheckInvariants();
  Buffer out;
  RdbWriter writer(&out);
  kStreamType.save(*entry, writer);
  Entry* const again = Load(RdbType::kStreamListpacks2, out.view());
  TORC_CHECK(again != nullptr, "what was written can be read");
  TORC_CHECK(kStreamType.digest(*again, 1) == kStreamType.digest(*entry, 1),
             "and is the same then");
  Delete(again);
}

}  // namespace
}  // namespace torc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace torc;
  if (size_bytes == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size_bytes - 1);
  Entry* const entry = Load(kTypes[data[0] % 3], bytes);
  if (entry == nullptr) return 0;
  Travel(entry);
  Delete(entry);
  return 0;
}
