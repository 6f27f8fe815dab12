// The bytes of a log file: whatever they are, reading ends, holds no more than a small multiple of
// them, and does not depend on how the file was cut into windows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "persist/log_reader.h"

namespace {

struct Outcome {
  uint64_t offset;
  uint64_t commands;
  uint32_t crc;
  torc::LogReader::Step end;
};

Outcome Read(std::string_view bytes, size_t window_bytes) {
  torc::LogReader reader;
  torc::RequestBatch batch;
  size_t window = window_bytes;
  while (true) {
    batch.Clear();
    const std::string_view rest = bytes.substr(static_cast<size_t>(reader.offset()));
    const auto step = reader.Next(rest.substr(0, window), window >= rest.size(), 10, &batch);
    if (step == torc::LogReader::Step::kNeedMore) {
      window *= 2;
      continue;
    }
    if (step != torc::LogReader::Step::kBatch) {
      return {reader.offset(), reader.commands(), reader.crc(), step};
    }
    window = window_bytes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  const Outcome whole = Read(bytes, size_bytes + 1);
  const Outcome pieces = Read(bytes, 1 + size_bytes / 7);
  TORC_CHECK(whole.offset == pieces.offset, "the same place");
  TORC_CHECK(whole.commands == pieces.commands, "the same commands");
  TORC_CHECK(whole.crc == pieces.crc, "the same checksum");
  TORC_CHECK(whole.end == pieces.end, "the same end");
  (void)torc::DurableExtent(bytes, 0, std::nullopt);
  return 0;
}
