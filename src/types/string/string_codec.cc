// Strings on disk: RDB type 0, one string.

#include <array>
#include <cstring>

#include "base/memory.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "types/string/string.h"

namespace torc {

uint8_t StringRdbType(const Entry& /*entry*/) {
  return static_cast<uint8_t>(RdbType::kString);
}

void SaveString(const Entry& entry, RdbWriter& writer) {
  if (static_cast<StringEncoding>(entry.encoding()) == StringEncoding::kInt) {
    writer.IntegerString(*IntegerOf(entry));
  } else {
    writer.String(StringView(entry).text());
  }
}

LoadedValue LoadString(uint8_t /*rdb_type*/, RdbReader& reader, const ValueLimits& limits) {
  constexpr size_t kDigitsMax = 20;
  std::string_view text = reader.String();
  LoadedValue value{.type = ValueType::kString};
  if (text.size() <= kDigitsMax) {
    if (const auto number = ParseInt64(text)) {
      reader.scratch().assign(reinterpret_cast<const char*>(&*number), sizeof(*number));
      value.encoding = static_cast<uint8_t>(StringEncoding::kInt);
      value.inline_bytes = reader.scratch();
      return value;
    }
  }
  value.encoding = static_cast<uint8_t>(text.size() <= kEmbstrBytesMax ? StringEncoding::kEmbstr
                                                                       : StringEncoding::kRaw);
  if (TextPacker::Wants(limits, text.size())) {
    const std::string_view packed = reader.packer().Pack(limits.packing, text);
    if (!packed.empty()) {
      text = packed;
      value.encoding = static_cast<uint8_t>(StringEncoding::kPacked);
    }
  }
  if (text.size() <= Entry::kInlineBytesMax) {
    value.inline_bytes = text;
  } else {
    value.boxed = true;
    value.box = NewStringBox(text);
  }
  return value;
}

void RebuildString(const Entry& entry, const CommandSink& emit) {
  const StringView value(entry);
  emit(std::array<std::string_view, 3>{"SET", entry.key(), value.text()});
}

}  // namespace torc
