// SCAN, KEYS, RANDOMKEY: commands over a whole database.
//
// A SCAN cursor is the partition in its upper bits and the table's position in hash order in its
// lower 39: at most 53 bits, because some clients keep cursors in a double.

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/glob.h"
#include "command/context.h"
#include "command/scan_args.h"
#include "features/keys/key_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr int kPositionBits = 39;
constexpr uint64_t kPositionMask = (uint64_t{1} << kPositionBits) - 1;

bool HasType(const Keyspace& owner, const Entry& entry, const ScanOptions& options) {
  return !options.type || EqualsIgnoreCase(owner.ops(entry).name, *options.type);
}

// What a walk met that the caller wants to know of.
struct Met {
  std::vector<std::string> keys;
  std::vector<std::string> expired;  // of any type: to be removed
};

// Walks on from `cursor` until about `count` entries were seen; returns the next cursor.
uint64_t ScanFrom(CommandContext& context, uint64_t cursor, const ScanOptions& options, Met* met) {
  const Dataset& dataset = *context.services.dataset;
  uint64_t partition = cursor >> kPositionBits;
  uint64_t position = cursor & kPositionMask;
  // Empty stretches are walked too, but only so many in one call.
  constexpr int64_t kStepsPerKeyMax = 10;
  int64_t steps_left =
      std::min(options.count, std::numeric_limits<int64_t>::max() / (2 * kStepsPerKeyMax)) *
          kStepsPerKeyMax +
      dataset.partition_count();
  int64_t seen = 0;
  const auto partition_count = static_cast<uint64_t>(dataset.partition_count());
  while (partition < partition_count && seen < options.count && steps_left-- > 0) {
    const PartitionId id(static_cast<uint16_t>(partition));
    const Keyspace& owner = dataset.Owner(id);
    position = owner.ScanPartition(context.session.db, id, position, [&](const Entry& entry) {
      ++seen;
      if (!options.Matches(entry.key())) return;
      if (entry.ExpiredAt(context.now)) {
        met->expired.emplace_back(entry.key());
      } else if (HasType(owner, entry, options)) {
        met->keys.emplace_back(entry.key());
      }
    });
    if (position == 0) ++partition;
  }
  return partition < partition_count ? partition << kPositionBits | position : 0;
}

void Scan(CommandContext& context, ArgCursor args) {
  const auto cursor = ParseScanCursor(args.Next());
  if (!cursor) return context.reply.Error(errors::kInvalidCursor);
  const ScanOptions options = ParseScanOptions(args, ScanKind::kKeys);
  if (!args.Done(context.reply)) return;
  Met met;
  const uint64_t next = ScanFrom(context, *cursor, options, &met);
  // To look for an expired key is to remove it.
  for (const std::string& key : met.expired) context.Find(context.Key(key));
  context.reply.Array(2);
  context.reply.Bulk(DecimalText::Unsigned(next).view());
  context.reply.Array(met.keys.size());
  for (const std::string& key : met.keys) context.reply.Bulk(key);
}

constexpr CommandSpec kScan = {
    .name = "scan",
    .arity = AtLeast(2),
    .group = Group::kGeneric,
    .since = "2.8.0",
    .flags = kReadonly | kTouchesArbitraryKeys | kAllPartitions,
    .acl = kAclKeyspace,
    .syntax = "cursor [MATCH pattern] [COUNT count] [TYPE type]",
    .complexity = "O(1) for each call, O(N) for a whole walk over N keys",
    .summary = "Walks over the keys of the database in steps.",
    .tips = "NONDETERMINISTIC_OUTPUT,REQUEST_POLICY:SPECIAL,RESPONSE_POLICY:SPECIAL"};

void Keys(CommandContext& context, ArgCursor args) {
  const std::string_view pattern = args.Next();
  const bool all = pattern == "*";
  uint64_t count = 0;
  const size_t mark = context.reply.ArrayLater();
  for (const Keyspace* keyspace : context.AllKeyspaces()) {
    keyspace->ForEach(context.session.db, [&](const Entry& entry) {
      if (entry.ExpiredAt(context.now) || !(all || GlobMatch(pattern, entry.key()))) return;
      context.reply.Bulk(entry.key());
      ++count;
    });
  }
  context.reply.CloseArray(mark, count);
}

constexpr CommandSpec kKeys = {.name = "keys",
                               .arity = Exactly(2),
                               .group = Group::kGeneric,
                               .since = "1.0.0",
                               .flags = kReadonly | kAllPartitions,
                               .acl = kAclKeyspace | kAclDangerous,
                               .syntax = "pattern",
                               .complexity = "O(N) with N the keys of the database",
                               .summary = "Answers all keys that match a pattern.",
                               .tips = "REQUEST_POLICY:ALL_SHARDS,NONDETERMINISTIC_OUTPUT_ORDER"};

void Randomkey(CommandContext& context, ArgCursor args) {
  (void)args;
  const DbIndex db = context.session.db;
  // A shard in proportion to its keys, then a fair key of it.
  uint64_t total = 0;
  for (const Keyspace* keyspace : context.AllKeyspaces()) total += keyspace->KeyCount(db);
  const Entry* entry = nullptr;
  if (total > 0) {
    uint64_t at = context.AllKeyspaces()[0]->rng().Below(total);
    for (Keyspace* keyspace : context.AllKeyspaces()) {
      if (at < keyspace->KeyCount(db)) {
        entry = keyspace->RandomKey(db, context.now);
        break;
      }
      at -= keyspace->KeyCount(db);
    }
  }
  if (entry == nullptr) return context.reply.Null();
  context.reply.Bulk(entry->key());
}

constexpr CommandSpec kRandomkey = {
    .name = "randomkey",
    .arity = Exactly(1),
    .group = Group::kGeneric,
    .since = "1.0.0",
    .flags = kReadonly | kTouchesArbitraryKeys | kAllPartitions,
    .acl = kAclKeyspace,
    .complexity = "O(1)",
    .summary = "Answers a random key of the database.",
    .tips = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:SPECIAL,NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterKeyScanCommands(CommandRegistry& registry) {
  registry.Add(kScan, Scan);
  registry.Add(kKeys, Keys);
  registry.Add(kRandomkey, Randomkey);
}

}  // namespace torc
