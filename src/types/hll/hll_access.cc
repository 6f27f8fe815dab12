#include "types/hll/hll_access.h"

namespace torc {

bool CheckHyperLogLog(CommandContext& context, const Entry* entry) {
  if (entry == nullptr || IsHyperLogLog(StringView(*entry).text())) return true;
  context.reply.Error(kNotHyperLogLog);
  return false;
}

void StoreHyperLogLog(const WritableString& string, std::string_view bytes) {
  SetString(string.place, bytes, string.expiry_ms(), StringForm::kRaw);
}

}  // namespace torc
