#include "types/bitmap/bit_offset.h"

#include <algorithm>

#include "types/string/string.h"

namespace torc {

std::optional<uint64_t> ParseBitOffset(CommandContext& context, std::string_view text,
                                       unsigned field_bits) {
  const bool in_fields = field_bits > 0 && !text.empty() && text[0] == '#';
  if (in_fields) text.remove_prefix(1);
  const auto value = ParseInt64(text);
  const int64_t scale = in_fields ? field_bits : 1;
  int64_t offset = 0;
  const bool valid = value && *value >= 0 && !__builtin_mul_overflow(*value, scale, &offset) &&
                     offset / 8 < context.services.options->proto_max_bulk_bytes;
  if (!valid) {
    context.reply.Error(errors::kBitOffset);
    return std::nullopt;
  }
  return static_cast<uint64_t>(offset);
}

std::optional<GrownString> GrownForBits(CommandContext& context, const KeyRef& key, uint64_t bits) {
  WritableString string = WriteString(context, key);
  if (string.wrong_type) return std::nullopt;
  const size_t needed_bytes = (bits + 7) / 8;
  size_t old_bytes = 0;
  const bool is_new = string.entry() == nullptr;
  if (is_new) {
    SetString(string.place, "", Entry::kNoExpiry, StringForm::kRaw);
    string = WriteString(context, key);
  } else {
    old_bytes = StringBytes(*string.entry());
  }
  MakeRoomInSlices(context, &string, std::max(old_bytes, needed_bytes));
  char* bytes = ResizeString(string.place, std::max(old_bytes, needed_bytes));
  return GrownString{bytes, is_new || needed_bytes > old_bytes};
}

}  // namespace torc
