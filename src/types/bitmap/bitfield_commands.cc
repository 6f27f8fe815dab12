// BITFIELD and BITFIELD_RO: a string as an array of integers of any width.

#include <algorithm>
#include <optional>
#include <vector>

#include "resp/errors.h"
#include "types/bitmap/bit_offset.h"
#include "types/bitmap/bitmap_commands.h"
#include "types/bitmap/bits.h"
#include "types/string/string.h"

namespace torc {
namespace {

struct FieldOperation {
  enum class Kind : uint8_t { kGet, kSet, kIncrement };
  Kind kind;
  FieldType type;
  uint64_t offset;
  int64_t value;
  Overflow overflow;
};

std::optional<Overflow> ParseOverflow(std::string_view word) {
  if (EqualsIgnoreCase(word, "WRAP")) return Overflow::kWrap;
  if (EqualsIgnoreCase(word, "SAT")) return Overflow::kSaturate;
  if (EqualsIgnoreCase(word, "FAIL")) return Overflow::kFail;
  return std::nullopt;
}

// Reads one operation's type, offset and value; replies the error and returns nothing if one is
// wrong.
std::optional<FieldOperation> ParseOperation(CommandContext& context, ArgCursor& args,
                                             FieldOperation::Kind kind, Overflow overflow) {
  const auto type = ParseFieldType(args.Next());
  if (!type) {
    context.reply.Error(
        "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported "
        "but i64 is.");
    return std::nullopt;
  }
  const auto offset = ParseBitOffset(context, args.Next(), type->bits);
  if (!offset) return std::nullopt;
  int64_t value = 0;
  if (kind != FieldOperation::Kind::kGet) {
    const auto parsed = ParseInt64(args.Next());
    if (!parsed) {
      context.reply.Error(errors::kNotInteger);
      return std::nullopt;
    }
    value = *parsed;
  }
  return FieldOperation{kind, *type, *offset, value, overflow};
}

// All operations, or nothing after an error was replied.
std::optional<std::vector<FieldOperation>> ParseOperations(CommandContext& context,
                                                           ArgCursor& args) {
  using Kind = FieldOperation::Kind;
  std::vector<FieldOperation> operations;
  Overflow overflow = Overflow::kWrap;
  while (!args.AtEnd()) {
    std::optional<FieldOperation> operation;
    if (args.TakeWith("GET", 2)) {
      operation = ParseOperation(context, args, Kind::kGet, overflow);
    } else if (args.TakeWith("SET", 3)) {
      operation = ParseOperation(context, args, Kind::kSet, overflow);
    } else if (args.TakeWith("INCRBY", 3)) {
      operation = ParseOperation(context, args, Kind::kIncrement, overflow);
    } else if (args.TakeWith("OVERFLOW", 1)) {
      const auto parsed = ParseOverflow(args.Next());
      if (!parsed) {
        context.reply.Error("ERR Invalid OVERFLOW type specified");
        return std::nullopt;
      }
      overflow = *parsed;
      continue;
    } else {
      context.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
    if (!operation) return std::nullopt;
    operations.push_back(*operation);
  }
  return operations;
}

void RunReads(CommandContext& context, const KeyRef& key,
              const std::vector<FieldOperation>& operations) {
  const StringKey string = ReadString(context, key);
  if (string.wrong_type) return;
  std::optional<StringView> view;
  std::string_view bytes;
  if (string.entry != nullptr) bytes = view.emplace(*string.entry).text();
  context.reply.Array(operations.size());
  for (const FieldOperation& operation : operations) {
    context.reply.Integer(ReadField(bytes, operation.offset, operation.type));
  }
}

// Runs one operation on a string that is long enough for every write.
enum class Outcome : uint8_t { kRead, kRefused, kSame, kChanged };
Outcome RunOne(ReplyWriter& reply, char* bytes, size_t size_bytes,
               const FieldOperation& operation) {
  const int64_t old = ReadField({bytes, size_bytes}, operation.offset, operation.type);
  if (operation.kind == FieldOperation::Kind::kGet) {
    reply.Integer(old);
    return Outcome::kRead;
  }
  const bool set = operation.kind == FieldOperation::Kind::kSet;
  const auto fitted = set ? FitToField(operation.value, operation.type, operation.overflow)
                          : AddToField(old, operation.value, operation.type, operation.overflow);
  if (!fitted) {
    reply.Null();
    return Outcome::kRefused;
  }
  WriteField(bytes, operation.offset, operation.type, *fitted);
  reply.Integer(set ? old : *fitted);
  return old == *fitted ? Outcome::kSame : Outcome::kChanged;
}

void RunWrites(CommandContext& context, const KeyRef& key,
               const std::vector<FieldOperation>& operations) {
  uint64_t bits = 0;
  for (const FieldOperation& operation : operations) {
    if (operation.kind == FieldOperation::Kind::kGet) continue;
    bits = std::max(bits, operation.offset + operation.type.bits);
  }
  const auto string = GrownForBits(context, key, bits);
  if (!string) return;
  const size_t size_bytes = StringBytes(*context.Find(key).entry);
  uint64_t changes = 0;
  context.reply.Array(operations.size());
  for (const FieldOperation& operation : operations) {
    const Outcome outcome = RunOne(context.reply, string->bytes, size_bytes, operation);
    if (outcome == Outcome::kChanged || (outcome == Outcome::kSame && string->grown)) ++changes;
  }
  if (changes > 0) return context.Changed(EventClass::kString, "setbit", key.text, changes);
  // Nothing was written, but the string is longer: Redis tells nobody, and the log has to know.
  if (string->grown) context.Changed(EventClass::kUnannounced, "lengthened", key.text);
}

void Bitfield(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const auto operations = ParseOperations(context, args);
  if (!operations) return;
  const bool writes = std::any_of(operations->begin(), operations->end(), [](const auto& o) {
    return o.kind != FieldOperation::Kind::kGet;
  });
  if (!writes) return RunReads(context, key, *operations);
  if (context.command.spec.name == "bitfield_ro") {
    return context.reply.Error("ERR BITFIELD_RO only supports the GET subcommand");
  }
  RunWrites(context, key, *operations);
}

// A BITFIELD of nothing but GETs only reads.
uint16_t UseOfBitfield(Argv argv) {
  for (size_t i = 2; i < argv.size(); i += 3) {
    if (!EqualsIgnoreCase(argv[i], "GET")) return kKeyReadWrite | kKeyAccess | kKeyUpdate;
  }
  return kKeyReadOnly | kKeyAccess;
}

// Only a string that becomes longer than it has room for is copied.
uint64_t WorkOfBitfield(Argv argv, uint64_t element_count) {
  constexpr uint64_t kBitsPerElement = 512;
  for (size_t i = 3; i + 1 < argv.size(); ++i) {
    const auto type = ParseFieldType(argv[i]);
    if (!type) continue;
    std::string_view text = argv[i + 1];
    const bool in_fields = !text.empty() && text[0] == '#';
    if (in_fields) text.remove_prefix(1);
    const auto offset = static_cast<uint64_t>(std::max<int64_t>(ParseInt64(text).value_or(0), 0));
    if (offset / kBitsPerElement * (in_fields ? type->bits : 1) >= element_count) {
      return element_count;
    }
  }
  return 0;
}

constexpr CommandSpec kBitfield = {
    .name = "bitfield",
    .arity = AtLeast(2),
    .group = Group::kBitmap,
    .since = "3.2.0",
    .flags = kWrite | kDenyOom | kMayPause,
    .acl = kAclBitmap,
    .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate | kKeyVariable)},
    .variable_use = UseOfBitfield,
    .work = WorkOfBitfield,
    .syntax =
        "key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>] "
        "<SET encoding offset value | INCRBY encoding offset increment> ...]",
    .complexity = "O(1) for each operation",
    .summary = "Reads and writes integers of any width within a string."};

constexpr CommandSpec kBitfieldRo = {
    .name = "bitfield_ro",
    .arity = AtLeast(2),
    .group = Group::kBitmap,
    .since = "6.0.0",
    .flags = kReadonly | kFast,
    .acl = kAclBitmap,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key [GET encoding offset [GET encoding offset ...]]",
    .complexity = "O(1) for each operation",
    .summary = "Reads integers of any width within a string."};

}  // namespace

void RegisterBitfieldCommands(CommandRegistry& registry) {
  registry.Add(kBitfield, Bitfield);
  registry.Add(kBitfieldRo, Bitfield);
}

}  // namespace torc
