// Arbitrary bytes as a parcel: either refused, or the same again after another trip.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "cluster/replication_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace torc;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  const std::optional<Parcel> parcel = DecodeParcel(NodeId(1), NodeId(2), bytes);
  if (!parcel.has_value()) return 0;
  std::string again;
  EncodeParcel(*parcel, &again);
  const std::optional<Parcel> twin = DecodeParcel(NodeId(1), NodeId(2), again);
  TORC_CHECK(twin.has_value(), "what was encoded can be decoded");
  TORC_CHECK(twin->messages == parcel->messages, "and is the same");
  return 0;
}
