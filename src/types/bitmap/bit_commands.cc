// SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "command/breather.h"
#include "resp/errors.h"
#include "store/private_value.h"
#include "types/bitmap/bit_offset.h"
#include "types/bitmap/bitmap_commands.h"
#include "types/bitmap/bits.h"
#include "types/string/string.h"

namespace torc {
namespace {

void Setbit(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const auto offset = ParseBitOffset(context, args.Next());
  if (!offset) return;
  const auto value = ParseInt64(args.Next());
  if (!value || (*value & ~int64_t{1}) != 0) {
    return context.reply.Error(errors::kBitValue);
  }
  const auto string = GrownForBits(context, key, *offset + 1);
  if (!string) return;
  const bool old = BitAt(StringView(*context.Find(key).entry).text(), *offset);
  SetBitAt(string->bytes, *offset, *value == 1);
  if (string->grown || old != (*value == 1)) {
    context.Changed(EventClass::kString, "setbit", key.text);
  }
  context.reply.Integer(old ? 1 : 0);
}

// Only a string that becomes longer than it has room for is copied.
uint64_t WorkOfSetbit(Argv argv, uint64_t element_count) {
  constexpr uint64_t kBitsPerElement = 512;
  const auto offset = static_cast<uint64_t>(std::max<int64_t>(ParseInt64(argv[2]).value_or(0), 0));
  return offset / kBitsPerElement < element_count ? 0 : element_count;
}

constexpr CommandSpec kSetbit = {.name = "setbit",
                                 .arity = Exactly(4),
                                 .group = Group::kBitmap,
                                 .since = "2.2.0",
                                 .flags = kWrite | kDenyOom | kMayPause,
                                 .acl = kAclBitmap,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                                 .work = WorkOfSetbit,
                                 .syntax = "key offset value",
                                 .complexity = "O(1)",
                                 .summary = "Sets or clears one bit and answers what it was."};

void Getbit(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const auto offset = ParseBitOffset(context, args.Next());
  if (!offset) return;
  const StringKey string = ReadString(context, key);
  if (string.wrong_type) return;
  const bool bit = string.entry != nullptr && BitAt(StringView(*string.entry).text(), *offset);
  context.reply.Integer(bit ? 1 : 0);
}

constexpr CommandSpec kGetbit = {.name = "getbit",
                                 .arity = Exactly(3),
                                 .group = Group::kBitmap,
                                 .since = "2.2.0",
                                 .flags = kReadonly | kFast,
                                 .acl = kAclBitmap,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key offset",
                                 .complexity = "O(1)",
                                 .summary = "Answers one bit."};

// A range in bytes or bits, as given: ends included, negative ones counted from the end.
struct BitRange {
  int64_t start = 0;
  int64_t end = -1;
  bool in_bits = false;
  bool end_given = false;
};

bool TakeUnit(ArgCursor& args, BitRange* range) {
  if (args.AtEnd()) return true;
  range->in_bits = args.Take("BIT");
  if (!range->in_bits && !args.Take("BYTE")) args.FailSyntax();
  return args.ok();
}

struct BitSpan {
  uint64_t first;
  uint64_t last;
};

// The range as bit offsets within a string of this size; nothing if it is empty.
std::optional<BitSpan> Resolve(const BitRange& range, size_t size_bytes) {
  const auto total = static_cast<int64_t>(range.in_bits ? size_bytes * 8 : size_bytes);
  int64_t start = range.start < 0 ? std::max<int64_t>(range.start + total, 0) : range.start;
  int64_t end = range.end < 0 ? std::max<int64_t>(range.end + total, 0) : range.end;
  end = std::min(end, total - 1);
  if (start > end) return std::nullopt;
  if (!range.in_bits) {
    start *= 8;
    end = end * 8 + 7;
  }
  return BitSpan{static_cast<uint64_t>(start), static_cast<uint64_t>(end)};
}

// Calls fn(BitSpan) -> bool for one part of the span after the other, until it returns false.
template <class Fn>
void ForParts(BitSpan span, Pace& pace, Fn&& fn) {
  constexpr uint64_t kPartBits = uint64_t{32768} * 8;
  constexpr uint64_t kUnitsPerPart = 1000;
  for (uint64_t at = span.first; at <= span.last; at += kPartBits) {
    if (!fn({at, std::min(span.last, at + kPartBits - 1)})) return;
    pace.Step(std::min(kUnitsPerPart, (span.last - at) / 64));
  }
}

// As in Redis, a missing key answers before anything is said of the range.
void Bitcount(CommandContext& context, ArgCursor args) {
  const StringKey string = ReadString(context, context.Key(args.Key()));
  if (string.wrong_type) return;
  if (string.entry == nullptr) return context.reply.Integer(0);
  BitRange range;
  if (!args.AtEnd()) {
    if (args.remaining() < 2 || args.remaining() > 3) return context.reply.Error(errors::kSyntax);
    range.start = args.Integer();
    range.end = args.Integer();
    // Whatever the unit is, and even if it is none.
    const bool reversed = range.start < 0 && range.end < 0 && range.start > range.end;
    if (args.ok() && reversed) return context.reply.Integer(0);
    if (args.ok()) TakeUnit(args, &range);
  }
  if (!args.Done(context.reply)) return;
  const StringView view(*string.entry);
  const auto span = Resolve(range, view.text().size());
  if (!span) return context.reply.Integer(0);
  Breather breather(context);
  uint64_t count = 0;
  ForParts(*span, breather, [&](BitSpan part) {
    count += CountOnes(view.text(), part.first, part.last);
    return true;
  });
  context.reply.Integer(static_cast<int64_t>(count));
}

constexpr CommandSpec kBitcount = {.name = "bitcount",
                                   .arity = AtLeast(2),
                                   .group = Group::kBitmap,
                                   .since = "2.6.0",
                                   .flags = kReadonly | kMayPause,
                                   .acl = kAclBitmap,
                                   .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                   .syntax = "key [start end [BYTE | BIT]]",
                                   .complexity = "O(N)",
                                   .summary = "Counts the bits that are set."};

BitRange TakePositionRange(ArgCursor& args) {
  BitRange range;
  if (args.remaining() > 3) args.FailSyntax();
  if (args.AtEnd()) return range;
  range.start = args.Integer();
  if (args.AtEnd() || !args.ok()) return range;
  // The unit is looked at before the end is.
  const std::string_view end = args.Next();
  range.end_given = true;
  if (!TakeUnit(args, &range)) return range;
  const auto parsed = ParseInt64(end);
  if (!parsed) args.Fail(errors::kNotInteger);
  range.end = parsed.value_or(0);
  return range;
}

void Bitpos(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t bit = args.Integer();
  if (!args.ok()) return context.reply.Error(args.error());
  if (bit != 0 && bit != 1) {
    return context.reply.Error("ERR The bit argument must be 1 or 0.");
  }
  const StringKey string = ReadString(context, key);
  if (string.wrong_type) return;
  if (string.entry == nullptr) return context.reply.Integer(bit == 1 ? -1 : 0);
  const BitRange range = TakePositionRange(args);
  if (!args.Done(context.reply)) return;
  const StringView view(*string.entry);
  const auto span = Resolve(range, view.text().size());
  if (!span) return context.reply.Integer(-1);
  Breather breather(context);
  std::optional<uint64_t> found;
  ForParts(*span, breather, [&](BitSpan part) {
    found = FindBit(view.text(), bit == 1, part.first, part.last);
    return !found;
  });
  // A string without an end given is as if followed by zeros.
  const int64_t beyond =
      bit == 0 && !range.end_given ? static_cast<int64_t>(view.text().size() * 8) : -1;
  context.reply.Integer(found ? static_cast<int64_t>(*found) : beyond);
}

constexpr CommandSpec kBitpos = {.name = "bitpos",
                                 .arity = AtLeast(3),
                                 .group = Group::kBitmap,
                                 .since = "2.8.7",
                                 .flags = kReadonly | kMayPause,
                                 .acl = kAclBitmap,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key bit [start [end [BYTE | BIT]]]",
                                 .complexity = "O(N)",
                                 .summary = "Finds the first bit that is set or clear."};

std::optional<BitOperation> ParseOperation(std::string_view word) {
  if (EqualsIgnoreCase(word, "AND")) return BitOperation::kAnd;
  if (EqualsIgnoreCase(word, "OR")) return BitOperation::kOr;
  if (EqualsIgnoreCase(word, "XOR")) return BitOperation::kXor;
  if (EqualsIgnoreCase(word, "NOT")) return BitOperation::kNot;
  return std::nullopt;
}

// The strings that are combined. A missing one is empty.
struct BitSources {
  std::vector<StringView> views;
  std::vector<std::string_view> texts;  // of the views, and empty ones
  size_t size_bytes = 0;                // of the longest
};

// Nothing, and a reply, if one of them is no string.
std::optional<BitSources> ReadSources(CommandContext& context, Argv keys) {
  BitSources sources;
  sources.views.reserve(keys.size());  // a text may lie in its view, which must not move
  for (const std::string_view key : keys) {
    const StringKey source = ReadString(context, context.Key(key));
    if (source.wrong_type) return std::nullopt;
    sources.texts.emplace_back();
    if (source.entry == nullptr) continue;
    sources.texts.back() = sources.views.emplace_back(*source.entry).text();
    sources.size_bytes = std::max(sources.size_bytes, sources.texts.back().size());
  }
  return sources;
}

// Writes the sources' combination to a target of zeros as long as the longest.
void CombineAll(char* target, BitOperation operation, const BitSources& sources, Pace& pace) {
  const auto step_of = [&sources](size_t source, size_t at) {
    const std::string_view text = sources.texts[source];
    return text.substr(std::min(at, text.size()), kCopyStepBytes);
  };
  for (size_t at = 0; at < sources.size_bytes; at += kCopyStepBytes) {
    const size_t step_bytes = std::min(kCopyStepBytes, sources.size_bytes - at);
    for (size_t i = 0; i < sources.texts.size(); ++i) {
      const std::string_view step = step_of(i, at);
      if (i == 0 && operation != BitOperation::kNot) {
        std::copy(step.begin(), step.end(), target + at);
      } else {
        CombineBits(target + at, step_bytes, operation, step);
      }
    }
    if (step_bytes == kCopyStepBytes) pace.Step(kCopyStepUnits * sources.texts.size());
  }
}

void StoreCombination(CommandContext& context, const KeyRef& target, BitOperation operation,
                      const BitSources& sources) {
  constexpr size_t kBytesPerElement = 64;
  Keyspace& owner = context.Owner(target);
  Breather breather(context);
  if (!breather.IsLong(sources.size_bytes * sources.texts.size() / kBytesPerElement)) {
    std::string result(sources.size_bytes, '\0');
    CombineAll(result.data(), operation, sources, breather);
    SetString({&owner, context.session.db, target, context.Find(target)}, result, Entry::kNoExpiry,
              StringForm::kRaw);
    return;
  }
  void* const box = NewZeroStringBox(sources.size_bytes, sources.size_bytes);
  PrivateValue result(&owner, ValueType::kString, static_cast<uint8_t>(StringEncoding::kRaw), box);
  CombineAll(StringBoxBytes(box), operation, sources, breather);
  result.PutAt(context.session.db, target, context.Find(target));
}

void Bitop(CommandContext& context, ArgCursor args) {
  const auto operation = ParseOperation(args.Next());
  if (!operation) return context.reply.Error(errors::kSyntax);
  const KeyRef target = context.Key(args.Key());
  const Argv keys = args.Rest();
  if (*operation == BitOperation::kNot && keys.size() != 1) {
    return context.reply.Error("ERR BITOP NOT must be called with a single source key.");
  }
  const auto sources = ReadSources(context, keys);
  if (!sources) return;
  if (sources->size_bytes > 0) {
    StoreCombination(context, target, *operation, *sources);
    context.Changed(EventClass::kString, "set", target.text);
  } else if (const Keyspace::Found found = context.Find(target)) {
    context.Owner(target).Remove(context.session.db, target, found);
    context.Changed(EventClass::kGeneric, "del", target.text);
  }
  context.reply.Integer(static_cast<int64_t>(sources->size_bytes));
}

constexpr CommandSpec kBitop = {
    .name = "bitop",
    .arity = AtLeast(4),
    .group = Group::kBitmap,
    .since = "2.6.0",
    .flags = kWrite | kDenyOom | kMayPause,
    .acl = kAclBitmap,
    .keys = {OneKey(2, kKeyOverwrite | kKeyUpdate), KeyRange(3, -1, 1, kKeyReadOnly | kKeyAccess)},
    .syntax = "<AND | OR | XOR | NOT> destkey key [key ...]",
    .complexity = "O(N)",
    .summary = "Combines strings bit by bit and stores the result."};

}  // namespace

void RegisterBitCommands(CommandRegistry& registry) {
  registry.Add(kSetbit, Setbit);
  registry.Add(kGetbit, Getbit);
  registry.Add(kBitcount, Bitcount);
  registry.Add(kBitpos, Bitpos);
  registry.Add(kBitop, Bitop);
}

}  // namespace torc
