#include "persist/payload_footer.h"

#include "base/bytes.h"
#include "base/crc.h"
#include "persist/rdb_format.h"

namespace torc {

void AppendPayloadFooter(Buffer* out) {
  char footer[kPayloadFooterBytes];
  StoreLe(footer, static_cast<uint16_t>(kRdbVersionWritten));
  const uint64_t sum = Crc64(Crc64(0, out->view()), {footer, sizeof(uint16_t)});
  StoreLe(footer + sizeof(uint16_t), sum);
  out->Append({footer, sizeof(footer)});
}

bool PayloadFooterFits(std::string_view payload, PayloadChecksum checksum) {
  if (payload.size() < kPayloadFooterBytes) return false;
  const char* const footer = payload.data() + payload.size() - kPayloadFooterBytes;
  if (LoadLe<uint16_t>(footer) > kRdbVersionMax) return false;
  if (checksum == PayloadChecksum::kIgnored) return true;
  const std::string_view summed = payload.substr(0, payload.size() - sizeof(uint64_t));
  return Crc64(0, summed) == LoadLe<uint64_t>(footer + sizeof(uint16_t));
}

}  // namespace torc
