// DUMP and RESTORE: a value as bytes, outside of any data set.
//
//   | RDB type | value as in an RDB file | version, 2 bytes | CRC64 of all before, 8 bytes |

#include <string>

#include "command/context.h"
#include "features/keys/key_commands.h"
#include "persist/payload_footer.h"
#include "persist/rdb_loader.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_writer.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr std::string_view kBadPayload = "ERR DUMP payload version or checksum are wrong";
constexpr std::string_view kBadFormat = "ERR Bad data format";

void Dump(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Entry* entry = context.Read(key, CommandContext::Touch::kNo);
  if (entry == nullptr) return context.reply.Null();
  const TypeOps& ops = context.Owner(key).ops(*entry);
  Buffer out;
  RdbWriter writer(&out);
  writer.U8(ops.rdb_type(*entry));
  ops.save(*entry, writer);
  AppendPayloadFooter(&out);
  context.reply.Bulk(out.view());
}

constexpr CommandSpec kDump = {.name = "dump",
                               .arity = Exactly(2),
                               .group = Group::kGeneric,
                               .since = "2.6.0",
                               .flags = kReadonly,
                               .acl = kAclKeyspace,
                               .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                               .syntax = "key",
                               .complexity = "O(N) with N the size of the value",
                               .summary = "Answers a key's value in a form for RESTORE.",
                               .tips = "NONDETERMINISTIC_OUTPUT"};

struct RestoreOptions {
  bool replace = false;
  bool absolute_ttl = false;
  int64_t idle_s = -1;     // -1: not given
  int64_t frequency = -1;  // -1: not given
};

RestoreOptions ParseRestoreOptions(ArgCursor& args) {
  RestoreOptions options;
  while (!args.AtEnd() && args.ok()) {
    if (args.Take("REPLACE")) {
      options.replace = true;
    } else if (args.Take("ABSTTL")) {
      options.absolute_ttl = true;
    } else if (options.frequency == -1 && args.TakeWith("IDLETIME", 1)) {
      options.idle_s = args.Integer();
      if (options.idle_s < 0) args.Fail("ERR Invalid IDLETIME value, must be >= 0");
    } else if (options.idle_s == -1 && args.TakeWith("FREQ", 1)) {
      options.frequency = args.Integer();
      if (options.frequency < 0 || options.frequency > 255) {
        args.Fail("ERR Invalid FREQ value, must be >= 0 and <= 255");
      }
    } else {
      args.FailSyntax();
    }
  }
  return options;
}

uint32_t ClockFor(const AccessClock& clock, const RestoreOptions& options) {
  if (options.frequency >= 0 && clock.kind() == ClockKind::kLfu) {
    return clock.ClockForCount(static_cast<uint32_t>(options.frequency));
  }
  if (options.idle_s >= 0 && clock.kind() == ClockKind::kLru) {
    const int64_t idle_s = std::min<int64_t>(options.idle_s, AccessClock::kMask);
    return clock.ClockForIdleMs(idle_s * 1000);
  }
  return clock.Fresh();
}

// The value of a payload with a good footer as an entry; null if it is no value.
Entry* LoadPayload(const Keyspace& owner, const TypeTable& types, std::string_view key,
                   std::string_view payload, int64_t expiry_ms, uint32_t clock) {
  RdbReader reader(payload.substr(0, payload.size() - kPayloadFooterBytes));
  const uint8_t rdb_type = reader.U8();
  const TypeOps* ops = rdb_type <= kRdbTypeMax ? OpsByRdbType(types)[rdb_type] : nullptr;
  if (ops == nullptr) return nullptr;
  const LoadedValue value = ops->load(rdb_type, reader, owner.options().limits);
  if (!reader.ok() || value.empty) return nullptr;
  return MakeLoadedEntry(key, value, expiry_ms, clock);
}

// The deadline in Unix milliseconds, kNoExpiry for a TTL of 0.
int64_t DeadlineOf(int64_t ttl_ms, const RestoreOptions& options, UnixMs now) {
  if (ttl_ms == 0) return Entry::kNoExpiry;
  if (options.absolute_ttl) return ttl_ms;
  return ttl_ms > INT64_MAX - now.value() ? INT64_MAX : ttl_ms + now.value();
}

void FreeEntry(const Keyspace& owner, Entry* entry) {
  if (entry->boxed()) owner.ops(*entry).free_value(entry);
  Entry::Delete(entry);
}

// What to replay: an absolute deadline, whatever the key is then.
ReplayForm ReplayOfRestore(std::string_view key, int64_t expiry_ms, std::string_view payload) {
  const int64_t ttl_ms = expiry_ms == Entry::kNoExpiry ? 0 : expiry_ms;
  return {"RESTORE", std::string(key), std::to_string(ttl_ms), std::string(payload),
          "REPLACE", "ABSTTL"};
}

void Restore(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const std::string_view ttl_text = args.Next();
  const std::string_view payload = args.Next();
  const RestoreOptions options = ParseRestoreOptions(args);
  if (!args.Done(context.reply)) return;
  const Keyspace::Found old = context.Find(key);
  if (old && !options.replace) return context.reply.Error(errors::kBusyKey);
  const auto ttl_ms = ParseInt64(ttl_text);
  if (!ttl_ms) return context.reply.Error(errors::kNotInteger);
  if (*ttl_ms < 0) return context.reply.Error("ERR Invalid TTL value, must be >= 0");
  // What is replayed was accepted once, whatever its checksum.
  const bool verified = context.services.options->verify_payloads && !context.session.internal;
  if (!PayloadFooterFits(payload, ChecksumIf(verified))) {
    return context.reply.Error(kBadPayload);
  }
  Keyspace& owner = context.Owner(key);
  const int64_t expiry_ms = DeadlineOf(*ttl_ms, options, context.now);
  Entry* entry = LoadPayload(owner, *context.services.types, key.text, payload, expiry_ms,
                             ClockFor(owner.access_clock(), options));
  if (entry == nullptr) return context.reply.Error(kBadFormat);
  if (old) owner.Remove(context.session.db, key, old);
  if (expiry_ms != Entry::kNoExpiry && expiry_ms <= context.now.value()) {
    FreeEntry(owner, entry);
    if (old) {
      context.Changed(EventClass::kGeneric, "del", key.text);
      context.Replay({"DEL", std::string(key.text)});
    }
    return context.reply.Ok();
  }
  owner.Adopt(context.session.db, key, entry);
  context.Notify(context.session.db, EventClass::kNew, "new", key.text);
  context.Changed(EventClass::kGeneric, "restore", key.text);
  if (context.recording()) context.Replay(ReplayOfRestore(key.text, expiry_ms, payload));
  context.reply.Ok();
}

constexpr CommandSpec kRestore = {
    .name = "restore",
    .arity = AtLeast(4),
    .group = Group::kGeneric,
    .since = "2.6.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclKeyspace | kAclDangerous,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate)},
    .syntax = "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
    .complexity = "O(N) with N the size of the value",
    .summary = "Creates a key from what DUMP answered."};

constexpr CommandSpec kRestoreAsking = {
    .name = "restore-asking",
    .arity = AtLeast(4),
    .group = Group::kServer,
    .since = "3.0.0",
    .flags = kWrite | kDenyOom | kAsking | kSystemCommand,
    .acl = kAclKeyspace | kAclDangerous,
    .keys = {OneKey(1, kKeyOverwrite | kKeyUpdate)},
    .syntax = "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
    .complexity = "O(N) with N the size of the value",
    .summary = "RESTORE, as a node sends it that moves a slot."};

}  // namespace

void RegisterKeyDumpCommands(CommandRegistry& registry) {
  registry.Add(kDump, Dump);
  registry.Add(kRestore, Restore);
  registry.Add(kRestoreAsking, Restore);
}

}  // namespace torc
