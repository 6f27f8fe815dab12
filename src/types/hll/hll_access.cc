#include "types/hll/hll_access.h"

namespace torc {

bool CheckHyperLogLog(CommandContext& context, const Entry* entry) {
  if (entry == nullptr || IsHyperLogLog(StringView(*entry).text())) return true;
  context.reply.Error(kNotHyperLogLog);
  return false;
}

bool OpenHyperLogLog(CommandContext& context, const KeyRef& key, WritableString* string) {
  *string = WriteString(context, key);
  if (string->wrong_type || !CheckHyperLogLog(context, string->entry())) return false;
  const Entry* const entry = string->entry();
  if (entry == nullptr || entry->encoding() == static_cast<uint8_t>(StringEncoding::kRaw)) {
    return true;
  }
  const std::string bytes(StringView(*entry).text());
  StoreHyperLogLog(*string, bytes);
  string->place.found = context.Find(key);
  return true;
}

void StoreHyperLogLog(const WritableString& string, std::string_view bytes) {
  SetString(string.place, bytes, string.expiry_ms(), StringForm::kRaw);
}

}  // namespace torc
