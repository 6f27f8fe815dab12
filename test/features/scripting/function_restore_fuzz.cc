// Any bytes as a dump of functions: they are restored or refused, and what was restored dumps to
// what restores the same. The checksum is made right, or no changed input would come far.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/check.h"
#include "features/scripting/function_library.h"
#include "persist/payload_footer.h"

namespace {

class StillClock final : public torc::Clock {
 public:
  int64_t WallMs() override { return 0; }
  int64_t WallUs() override { return 0; }
  // Time goes by with every look, so that a library that never ends is stopped.
  int64_t MonoNs() override { return now_ns_ += 100'000'000; }

 private:
  int64_t now_ns_ = 0;
};

std::string WithFooter(std::string_view body) {
  torc::Buffer payload;
  payload.Append(body);
  torc::AppendPayloadFooter(&payload);
  return std::string(payload.view());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  constexpr int64_t kMemoryBytes = 16 << 20;
  using Policy = torc::FunctionLibraries::Policy;
  StillClock clock;
  torc::FunctionLibraries first(&kMemoryBytes, &clock);
  const std::string_view body(reinterpret_cast<const char*>(data), size_bytes);
  if (!first.Restore(WithFooter(body), Policy::kAppend).empty()) return 0;
  torc::FunctionLibraries second(&kMemoryBytes, &clock);
  TORC_CHECK(second.Restore(first.Dump(), Policy::kFlush).empty(), "a dump can be restored");
  TORC_CHECK(second.Dump() == first.Dump(), "a dump of what was restored is the same dump");
  return 0;
}
