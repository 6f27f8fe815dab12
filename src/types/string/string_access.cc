#include "types/string/string.h"

#include "command/value_type.h"
#include "resp/errors.h"

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
