#include "base/key_slot.h"

#include "base/crc.h"

namespace torc {

std::string_view HashedPart(std::string_view key) {
  const size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const size_t close = key.find('}', open + 1);
  // No end, or nothing between the braces: the whole key counts.
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

Slot KeySlot(std::string_view key) {
  return Slot(static_cast<uint16_t>(Crc16(HashedPart(key)) & (kSlotCount - 1)));
}

}  // namespace torc
