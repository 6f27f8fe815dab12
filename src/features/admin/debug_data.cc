// DEBUG's subcommands about keys: OBJECT, DIGEST, DIGEST-VALUE, POPULATE, HTSTATS, HTSTATS-KEY.

#include <cinttypes>
#include <string>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/text.h"
#include "command/context.h"
#include "features/admin/debug_commands.h"
#include "persist/rdb_writer.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kNotHashed =
    "ERR The value stored at the specified key is not represented using an hash table";

// A digest in the form of Redis's: 40 hexadecimal digits, all 0 for nothing.
std::string DigestText(uint64_t digest) {
  if (digest == 0) return std::string(40, '0');
  const uint64_t more = HashBytes({reinterpret_cast<const char*>(&digest), sizeof(digest)}, 1);
  return Format("%016" PRIx64 "%016" PRIx64 "%08" PRIx32, digest, more,
                static_cast<uint32_t>(more >> 7));
}

}  // namespace

void DebugObject(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Keyspace& owner = context.Owner(key);
  const Keyspace::Found found = context.Find(key);
  if (!found) return context.reply.Error(errors::kNoSuchKey);
  const Entry& entry = *found.entry;
  const TypeOps& ops = owner.ops(entry);
  Buffer serialized;
  RdbWriter writer(&serialized, {});
  ops.save(entry, writer);
  const int64_t idle_s = context.Owner(key).access_clock().IdleMs(entry) / 1000;
  context.reply.SimpleString(
      Format("Value at:%p refcount:%" PRId64
             " encoding:%s serializedlength:%zu lru:%u lru_seconds_idle:%" PRId64,
             static_cast<const void*>(&entry), ops.reference_count(entry),
             std::string(ops.encoding(entry)).c_str(), serialized.size(), entry.clock(), idle_s));
}

// Of what clients can see: a key that has expired and is still there is none of it.
void DebugDigest(CommandContext& context, ArgCursor /*args*/) {
  uint64_t digest = 0;
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    for (const DbIndex db : keyspace->NonEmptyDatabases()) {
      keyspace->ForEach(db, [&](const Entry& entry) {
        if (!entry.ExpiredAt(context.now)) digest += keyspace->EntryDigest(db, entry);
      });
    }
  }
  context.reply.SimpleString(DigestText(digest));
}

void DebugDigestValue(CommandContext& context, ArgCursor args) {
  constexpr uint64_t kSeed = 0x7a1e;
  context.reply.Array(args.remaining());
  while (!args.AtEnd()) {
    const KeyRef key = context.Key(args.Key());
    const Keyspace::Found found = context.Find(key);
    uint64_t digest = 0;
    if (found) digest = context.Owner(key).ops(*found.entry).digest(*found.entry, kSeed);
    if (found && found.entry->has_expiry()) digest = ~digest;
    context.reply.SimpleString(DigestText(digest));
  }
}

// Keys are made by SET, as the type of strings is not known here.
void DebugPopulate(CommandContext& context, ArgCursor args) {
  const auto count = ParseInt64(args.Next());
  const std::string_view prefix = args.AtEnd() ? "key" : args.Next();
  const auto size = args.AtEnd() ? std::optional<int64_t>(0) : ParseInt64(args.Next());
  if (!count || *count < 0 || !size || *size < 0) {
    return context.reply.Error(errors::kNotPositive);
  }
  const Command* set = context.services.commands->Find("set");
  if (set == nullptr) return context.reply.Error("ERR there is no SET to populate with");
  Buffer replies;
  ReplyWriter writer(&replies, 2);
  for (int64_t i = 0; i < *count; ++i) {
    const std::string key = std::string(prefix) + ":" + std::to_string(i);
    if (context.Find(context.Key(key))) continue;
    std::string value = "value:" + std::to_string(i);
    if (*size > 0) value.resize(static_cast<size_t>(*size));
    const std::array<std::string_view, 3> argv = {"SET", key, value};
    CommandContext nested = context.For(*set, argv, writer);
    set->handler(nested, ArgCursor(argv, 1));
    replies.Clear();
    context.Replay({"SET", key, value});
  }
  context.reply.Ok();
}

void DebugHtstats(CommandContext& context, ArgCursor args) {
  const auto index = ParseInt64(args.Next());
  if (!index) return context.reply.Error(errors::kNotInteger);
  if (*index < 0 || *index >= context.services.options->databases) {
    return context.reply.Error("ERR Out of range database");
  }
  const DbIndex db(static_cast<uint32_t>(*index));
  size_t keys = 0;
  size_t expiries = 0;
  size_t table_bytes = 0;
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    keys += keyspace->KeyCount(db);
    expiries += keyspace->ExpiryCount(db);
    table_bytes += keyspace->TableBytes();
  }
  context.reply.Verbatim("txt", Format("[Dictionary HT]\n number of elements: %zu\n[Expires HT]\n "
                                       "number of elements: %zu\n[All databases]\n table bytes: "
                                       "%zu\n",
                                       keys, expiries, table_bytes));
}

// No value is a hash table yet.
void DebugHtstatsKey(CommandContext& context, ArgCursor args) {
  const bool found = static_cast<bool>(context.Find(context.Key(args.Key())));
  context.reply.Error(found ? kNotHashed : errors::kNoSuchKey);
}

}  // namespace torc
