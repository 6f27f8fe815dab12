// PFADD, PFCOUNT, PFMERGE.

#include "types/hll/hll_commands.h"

#include <optional>
#include <string>

#include "command/command_registry.h"
#include "types/hll/hll_access.h"

namespace torc {
namespace {

size_t SparseBytesMax(const CommandContext& context, const KeyRef& key) {
  return static_cast<size_t>(context.Owner(key).options().limits.hll_sparse_bytes);
}

// Adds the elements to a dense value where it stands; returns whether any of them changed it.
bool AddInPlace(const WritableString& string, Argv elements) {
  char* bytes = ResizeString(string.place, kHllDenseBytes);
  bool changed = false;
  for (const std::string_view element : elements) {
    changed |= ObserveDense(bytes, ObserveElement(element)) == HllResult::kChanged;
  }
  if (changed) InvalidateCardinality(bytes);
  return changed;
}

// Adds them to a copy of a sparse value, and stores that if it changed.
HllResult AddToCopy(const WritableString& string, Argv elements, size_t sparse_bytes_max) {
  const bool is_new = string.entry() == nullptr;
  std::string bytes = is_new ? NewHyperLogLog() : std::string(StringView(*string.entry()).text());
  HllResult result = is_new ? HllResult::kChanged : HllResult::kSame;
  for (const std::string_view element : elements) {
    switch (Observe(&bytes, ObserveElement(element), sparse_bytes_max)) {
      case HllResult::kSame:
        break;
      case HllResult::kChanged:
        result = HllResult::kChanged;
        break;
      case HllResult::kCorrupt:
        return HllResult::kCorrupt;
    }
  }
  if (result == HllResult::kSame) return result;
  InvalidateCardinality(bytes.data());
  StoreHyperLogLog(string, bytes);
  return result;
}

void Pfadd(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const Argv elements = args.Rest();
  WritableString string;
  if (!OpenHyperLogLog(context, key, &string)) return;
  bool changed = false;
  if (string.entry() != nullptr &&
      HllEncodingOf(StringView(*string.entry()).text()) == HllEncoding::kDense) {
    changed = AddInPlace(string, elements);
  } else {
    const HllResult result = AddToCopy(string, elements, SparseBytesMax(context, key));
    if (result == HllResult::kCorrupt) return context.reply.Error(kCorruptHyperLogLog);
    changed = result == HllResult::kChanged;
  }
  if (changed) context.Changed(EventClass::kString, "pfadd", key.text);
  context.reply.Integer(changed ? 1 : 0);
}

constexpr CommandSpec kPfadd = {
    .name = "pfadd",
    .arity = AtLeast(2),
    .group = Group::kHyperLogLog,
    .since = "2.8.9",
    .flags = kWrite | kDenyOom | kFast,
    .acl = kAclHyperLogLog,
    .keys = {OneKey(1, kKeyReadWrite | kKeyInsert)},
    .syntax = "key [element [element ...]]",
    .complexity = "O(1) to add every element.",
    .summary = "Adds elements to a HyperLogLog, making it if there is none."};

// The union of the keys' registers; nothing, and a reply, if one is no HyperLogLog.
struct Union {
  HllRegisters registers{};
  bool any_dense = false;
};

bool AddToUnion(CommandContext& context, Argv keys, Union* out) {
  for (const std::string_view text : keys) {
    const StringKey string = ReadString(context, context.Key(text));
    if (string.wrong_type || !CheckHyperLogLog(context, string.entry)) return false;
    if (string.entry == nullptr) continue;
    const StringView view(*string.entry);
    out->any_dense |= HllEncodingOf(view.text()) == HllEncoding::kDense;
    if (!MergeRegisters(view.text(), &out->registers)) {
      context.reply.Error(kCorruptHyperLogLog);
      return false;
    }
  }
  return true;
}

// One key's estimate is kept in its header, which counts as a change.
void CountOne(CommandContext& context, const KeyRef& key) {
  const StringKey read = ReadString(context, key);
  if (read.wrong_type || !CheckHyperLogLog(context, read.entry)) return;
  if (read.entry == nullptr) return context.reply.Integer(0);
  std::optional<uint64_t> cardinality = CachedCardinality(StringView(*read.entry).text());
  if (!cardinality) {
    cardinality = EstimateCardinality(StringView(*read.entry).text());
    if (!cardinality) return context.reply.Error(kCorruptHyperLogLog);
    const WritableString string = WriteString(context, key);
    const size_t size_bytes = StringBytes(*string.entry());
    SetCachedCardinality(ResizeString(string.place, size_bytes), *cardinality);
    context.Changed(EventClass::kUnannounced, "pfcount", key.text);
  }
  context.reply.Integer(static_cast<int64_t>(*cardinality));
}

void Pfcount(CommandContext& context, ArgCursor args) {
  const Argv keys = args.Rest();
  if (keys.size() == 1) return CountOne(context, context.Key(keys[0]));
  Union sum;
  if (!AddToUnion(context, keys, &sum)) return;
  context.reply.Integer(static_cast<int64_t>(EstimateCardinality(sum.registers)));
}

constexpr CommandSpec kPfcount = {
    .name = "pfcount",
    .arity = AtLeast(2),
    .group = Group::kHyperLogLog,
    .since = "2.8.9",
    .flags = kReadonly | kMayReplicate,
    .acl = kAclHyperLogLog,
    .keys = {KeyRange(1, -1, 1, kKeyReadWrite | kKeyAccess)},
    .syntax = "key [key ...]",
    .complexity = "O(1) for one key whose estimate is kept, O(N) with N keys.",
    .summary = "Estimates how many different elements were added to all keys together."};

void Pfmerge(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  Union sum;
  const std::string_view self[] = {key.text};
  if (!AddToUnion(context, self, &sum) || !AddToUnion(context, args.Rest(), &sum)) return;
  const WritableString string = WriteString(context, key);
  std::string bytes = string.entry() == nullptr ? NewHyperLogLog()
                                                : std::string(StringView(*string.entry()).text());
  if (sum.any_dense && !MakeDense(&bytes)) return context.reply.Error(kCorruptHyperLogLog);
  const size_t sparse_bytes_max = SparseBytesMax(context, key);
  for (uint32_t i = 0; i < kHllRegisterCount; ++i) {
    if (sum.registers[i] > 0) Observe(&bytes, {i, sum.registers[i]}, sparse_bytes_max);
  }
  InvalidateCardinality(bytes.data());
  StoreHyperLogLog(string, bytes);
  context.Changed(EventClass::kString, "pfadd", key.text);
  context.reply.Ok();
}

constexpr CommandSpec kPfmerge = {.name = "pfmerge",
                                  .arity = AtLeast(2),
                                  .group = Group::kHyperLogLog,
                                  .since = "2.8.9",
                                  .flags = kWrite | kDenyOom,
                                  .acl = kAclHyperLogLog,
                                  .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyInsert),
                                           KeyRange(2, -1, 1, kKeyReadOnly | kKeyAccess)},
                                  .syntax = "destkey [sourcekey [sourcekey ...]]",
                                  .complexity = "O(N) with N keys.",
                                  .summary = "Makes a key the union of itself and others."};

}  // namespace

void RegisterHyperLogLogCommands(CommandRegistry& registry) {
  registry.Add(kPfadd, Pfadd);
  registry.Add(kPfcount, Pfcount);
  registry.Add(kPfmerge, Pfmerge);
  RegisterHyperLogLogDebugCommands(registry);
}

}  // namespace torc
