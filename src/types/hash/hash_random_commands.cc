// HRANDFIELD: fields by chance, each as likely as any other.

#include <limits>
#include <unordered_set>

#include "base/rng.h"
#include "command/context.h"
#include "resp/errors.h"
#include "types/hash/hash_access.h"
#include "types/hash/hash_commands.h"

namespace torc {
namespace {

constexpr std::string_view kCountRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
// Fields with repetitions in one reply: some gigabyte of it.
constexpr int64_t kRepeatsMax = int64_t{1} << 26;

enum class Values : uint8_t { kNo, kYes };

// Writes the chosen fields in the form that the protocol has for them.
class FieldsReply {
 public:
  FieldsReply(CommandContext& context, uint64_t count, Values values)
      : reply_(context.reply), values_(values), pairs_(context.reply.protocol() > 2) {
    reply_.Array(values == Values::kYes && !pairs_ ? count * 2 : count);
  }
  void Add(const HashView::Field& field) {
    if (values_ == Values::kYes && pairs_) reply_.Array(2);
    ReplyElement(reply_, field.key());
    if (values_ == Values::kYes) ReplyElement(reply_, field.value());
  }

 private:
  ReplyWriter& reply_;
  Values values_;
  bool pairs_;
};

// `count` distinct ones, at most as many as there are.
void ReplyDistinct(CommandContext& context, const HashView& hash, uint64_t count, Values values,
                   Rng& rng) {
  FieldsReply reply(context, count, values);
  const uint64_t size = hash.size();
  if (!hash.is_trie() || count > size / 4) {
    // One walk that takes each field with the chance that makes it come out even (Knuth's S).
    uint64_t left = size;
    uint64_t wanted = count;
    hash.ForEach([&](const RecordView& records, RecordView::Place at) {
      if (rng.Below(left--) < wanted) {
        reply.Add({records, at});
        --wanted;
      }
      return wanted > 0;
    });
    return;
  }
  // Floyd's choice of distinct positions.
  std::unordered_set<uint64_t> chosen;
  for (uint64_t last = size - count; last < size; ++last) {
    uint64_t position = rng.Below(last + 1);
    if (!chosen.insert(position).second) chosen.insert(position = last);
    reply.Add(hash.At(position));
  }
}

void RandomFields(CommandContext& context, const KeyRef& key, int64_t count, Values values) {
  const FoundHash hash = ReadHash(context, key);
  if (hash.wrong_type) return;
  if (!hash.exists || count == 0) return context.reply.Array(0);
  Rng& rng = context.Owner(key).rng();
  const uint64_t size = hash.view.size();
  if (count > 0) {
    return ReplyDistinct(context, hash.view, std::min(static_cast<uint64_t>(count), size), values,
                         rng);
  }
  if (count < -kRepeatsMax) return context.reply.Error(errors::kValueOutOfRange);
  FieldsReply reply(context, static_cast<uint64_t>(-count), values);
  for (; count < 0; ++count) reply.Add(hash.view.At(rng.Below(size)));
}

void Hrandfield(CommandContext& context, ArgCursor args) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const KeyRef key = context.Key(args.Key());
  if (args.AtEnd()) {
    const FoundHash hash = ReadHash(context, key);
    if (hash.wrong_type) return;
    if (!hash.exists) return context.reply.Null();
    const uint64_t position = context.Owner(key).rng().Below(hash.view.size());
    return ReplyElement(context.reply, hash.view.At(position).key());
  }
  const int64_t count = args.Integer();
  if (args.ok() && count < -kMax) args.Fail(kCountRange);
  const Values values = args.Take("WITHVALUES") ? Values::kYes : Values::kNo;
  if (!args.Done(context.reply)) return;
  if (values == Values::kYes && (count < -kMax / 2 || count > kMax / 2)) {
    return context.reply.Error(errors::kValueOutOfRange);
  }
  RandomFields(context, key, count, values);
}

constexpr CommandSpec kHrandfield = {.name = "hrandfield",
                                     .arity = AtLeast(2),
                                     .group = Group::kHash,
                                     .since = "6.2.0",
                                     .flags = kReadonly,
                                     .acl = kAclHash,
                                     .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                     .syntax = "key [count [WITHVALUES]]",
                                     .complexity = "O(1), with a count O(N) with N the count",
                                     .summary = "Answers random fields of a hash.",
                                     .tips = "NONDETERMINISTIC_OUTPUT"};

}  // namespace

void RegisterHashRandomCommands(CommandRegistry& registry) {
  registry.Add(kHrandfield, Hrandfield);
}

}  // namespace torc
