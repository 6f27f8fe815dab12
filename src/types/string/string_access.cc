#include "types/string/string.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "command/breather.h"
#include "command/value_type.h"
#include "resp/errors.h"
#include "store/private_value.h"

namespace torc {

StringKey ReadString(CommandContext& context, const KeyRef& key) {
  Entry* entry = context.Read(key);
  if (RefuseOtherType(context, entry, ValueType::kString)) return {.wrong_type = true};
  return {.entry = entry};
}

WritableString WriteString(CommandContext& context, const KeyRef& key) {
  const Keyspace::Found found = context.Write(key);
  WritableString out{.place = {&context.Owner(key), context.session.db, key, found}};
  out.wrong_type = RefuseOtherType(context, found.entry, ValueType::kString);
  return out;
}

void MakeRoomInSlices(CommandContext& context, WritableString* string, size_t size_bytes) {
  constexpr size_t kBytesPerElement = 64;
  const Entry* const entry = string->entry();
  if (entry == nullptr || !ResizeCopies(*entry, size_bytes)) return;
  const std::string_view old = StringView(*entry).text();
  Breather breather(context);
  if (!breather.IsLong(old.size() / kBytesPerElement)) return;
  size_bytes = std::max(size_bytes, old.size());
  const size_t slack_bytes = size_bytes > old.size() ? kBlobSlackBytesMax : 0;
  void* const box = NewZeroStringBox(size_bytes, size_bytes + slack_bytes);
  PrivateValue longer(string->place.keyspace, ValueType::kString,
                      static_cast<uint8_t>(StringEncoding::kRaw), box);
  for (size_t at = 0; at < old.size(); at += kCopyStepBytes) {
    const std::string_view step = old.substr(at, kCopyStepBytes);
    std::memcpy(StringBoxBytes(box) + at, step.data(), step.size());
    breather.Step(kCopyStepUnits);
  }
  string->place.found = context.Find(string->place.key);
  TORC_CHECK(string->place.found, "a held key stays");
  longer.SwapWith(string->place.db, string->place.found);
}

void RemoveKey(CommandContext& context, const KeyRef& key, Keyspace::Found found) {
  context.Owner(key).Remove(context.session.db, key, found);
  context.Changed(EventClass::kGeneric, "del", key.text);
  if (context.recording()) context.Replay({"DEL", std::string(key.text)});
}

bool CheckStringSize(CommandContext& context, uint64_t offset, uint64_t added) {
  const auto limit = static_cast<uint64_t>(context.services.options->proto_max_bulk_bytes);
  if (offset <= limit && added <= limit - offset) return true;
  context.reply.Error(errors::kStringTooLong);
  return false;
}

}  // namespace torc
