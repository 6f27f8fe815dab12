// GET, STRLEN, GETRANGE, SUBSTR, MGET, LCS: commands that read strings.

#include <algorithm>
#include <string>
#include <vector>

#include "command/breather.h"
#include "command/context.h"
#include "resp/errors.h"
#include "types/string/lcs.h"
#include "types/string/string.h"
#include "types/string/string_commands.h"

namespace torc {
namespace {

void Get(CommandContext& context, ArgCursor args) {
  const StringKey string = ReadString(context, context.Key(args.Key()));
  if (string.wrong_type) return;
  if (string.entry == nullptr) {
    context.reply.Null();
  } else {
    context.reply.Bulk(StringView(*string.entry).text());
  }
}

constexpr CommandSpec kGet = {.name = "get",
                              .arity = Exactly(2),
                              .group = Group::kString,
                              .since = "1.0.0",
                              .flags = kReadonly | kFast,
                              .acl = kAclString,
                              .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                              .syntax = "key",
                              .complexity = "O(1)",
                              .summary = "Answers the string under a key."};

void Strlen(CommandContext& context, ArgCursor args) {
  const StringKey string = ReadString(context, context.Key(args.Key()));
  if (string.wrong_type) return;
  context.reply.Integer(string.entry == nullptr ? 0
                                                : static_cast<int64_t>(StringBytes(*string.entry)));
}

constexpr CommandSpec kStrlen = {.name = "strlen",
                                 .arity = Exactly(2),
                                 .group = Group::kString,
                                 .since = "2.2.0",
                                 .flags = kReadonly | kFast,
                                 .acl = kAclString,
                                 .keys = {OneKey(1, kKeyReadOnly)},
                                 .syntax = "key",
                                 .complexity = "O(1)",
                                 .summary = "Answers how many bytes a string has."};

// The part of `text` from `start` to `end`, both included, negative ones counted from the end.
std::string_view RangeOf(std::string_view text, int64_t start, int64_t end) {
  const auto size = static_cast<int64_t>(text.size());
  if (start < 0 && end < 0 && start > end) return {};
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (end < 0) end = std::max<int64_t>(end + size, 0);
  end = std::min(end, size - 1);
  if (start > end || size == 0) return {};
  return text.substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1));
}

void Getrange(CommandContext& context, ArgCursor args) {
  const KeyRef key = context.Key(args.Key());
  const int64_t start = args.Integer();
  const int64_t end = args.Integer();
  if (!args.Done(context.reply)) return;
  const StringKey string = ReadString(context, key);
  if (string.wrong_type) return;
  if (string.entry == nullptr) return context.reply.Bulk("");
  context.reply.Bulk(RangeOf(StringView(*string.entry).text(), start, end));
}

constexpr CommandSpec kGetrange = {.name = "getrange",
                                   .arity = Exactly(4),
                                   .group = Group::kString,
                                   .since = "2.4.0",
                                   .flags = kReadonly,
                                   .acl = kAclString,
                                   .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                   .syntax = "key start end",
                                   .complexity = "O(N) with N the bytes answered",
                                   .summary = "Answers a part of a string."};

constexpr CommandSpec kSubstr = {.name = "substr",
                                 .arity = Exactly(4),
                                 .group = Group::kString,
                                 .since = "1.0.0",
                                 .flags = kReadonly,
                                 .acl = kAclString,
                                 .keys = {OneKey(1, kKeyReadOnly | kKeyAccess)},
                                 .syntax = "key start end",
                                 .complexity = "O(N) with N the bytes answered",
                                 .summary = "Answers a part of a string.",
                                 .deprecated_since = "2.0.0",
                                 .replaced_by = "`GETRANGE`"};

void Mget(CommandContext& context, ArgCursor args) {
  const Argv keys = args.Rest();
  context.reply.Array(keys.size());
  for (const std::string_view key : keys) {
    const Entry* entry = context.Read(context.Key(key));
    if (entry == nullptr || entry->type() != ValueType::kString) {
      context.reply.Null();
    } else {
      context.reply.Bulk(StringView(*entry).text());
    }
  }
}

constexpr CommandSpec kMget = {.name = "mget",
                               .arity = AtLeast(2),
                               .group = Group::kString,
                               .since = "1.0.0",
                               .flags = kReadonly | kFast,
                               .acl = kAclString,
                               .keys = {KeyRange(1, -1, 1, kKeyReadOnly | kKeyAccess)},
                               .syntax = "key [key ...]",
                               .complexity = "O(N) with N the number of keys",
                               .summary = "Answers the strings under several keys at once.",
                               .tips = "REQUEST_POLICY:MULTI_SHARD"};

struct LcsOptions {
  bool length_only = false;
  bool indexes = false;
  bool match_lengths = false;
  int64_t match_length_min = 0;
};

LcsOptions ParseLcsOptions(ArgCursor& args) {
  LcsOptions options;
  while (!args.AtEnd() && args.ok()) {
    if (args.Take("IDX")) {
      options.indexes = true;
    } else if (args.Take("LEN")) {
      options.length_only = true;
    } else if (args.Take("WITHMATCHLEN")) {
      options.match_lengths = true;
    } else if (args.TakeWith("MINMATCHLEN", 1)) {
      options.match_length_min = std::max<int64_t>(args.Integer(), 0);
    } else {
      args.FailSyntax();
    }
  }
  return options;
}

void ReplyLcsMatches(ReplyWriter& reply, const LcsResult& lcs, const LcsOptions& options) {
  std::vector<LcsMatch> shown;
  for (const LcsMatch& match : lcs.matches) {
    if (match.length >= options.match_length_min) shown.push_back(match);
  }
  reply.Map(2);
  reply.Bulk("matches");
  reply.Array(shown.size());
  for (const LcsMatch& match : shown) {
    reply.Array(options.match_lengths ? 3 : 2);
    reply.Array(2);
    reply.Integer(match.a_start);
    reply.Integer(match.a_start + match.length - 1);
    reply.Array(2);
    reply.Integer(match.b_start);
    reply.Integer(match.b_start + match.length - 1);
    if (options.match_lengths) reply.Integer(match.length);
  }
  reply.Bulk("len");
  reply.Integer(static_cast<int64_t>(lcs.text.size()));
}

void Lcs(CommandContext& context, ArgCursor args) {
  const KeyRef key_a = context.Key(args.Key());
  const KeyRef key_b = context.Key(args.Key());
  const Entry* a = context.Read(key_a);
  const Entry* b = context.Read(key_b);
  const auto other_type = [](const Entry* e) {
    return e != nullptr && e->type() != ValueType::kString;
  };
  if (other_type(a) || other_type(b)) {
    return context.reply.Error("ERR The specified keys must contain string values");
  }
  const LcsOptions options = ParseLcsOptions(args);
  if (!args.Done(context.reply)) return;
  if (options.length_only && options.indexes) {
    return context.reply.Error("ERR If you want both the length and indexes, please just use IDX.");
  }
  const std::string text_a(a == nullptr ? "" : StringView(*a).text());
  const std::string text_b(b == nullptr ? "" : StringView(*b).text());
  if (!LcsFits(text_a.size(), text_b.size())) {
    return context.reply.Error(
        "ERR Insufficient memory, transient memory for LCS exceeds "
        "proto-max-bulk-len");
  }
  Breather breather(context);
  const LcsResult lcs = LongestCommonSubsequence(text_a, text_b, breather);
  if (options.indexes) {
    ReplyLcsMatches(context.reply, lcs, options);
  } else if (options.length_only) {
    context.reply.Integer(static_cast<int64_t>(lcs.text.size()));
  } else {
    context.reply.Bulk(lcs.text);
  }
}

constexpr CommandSpec kLcs = {
    .name = "lcs",
    .arity = AtLeast(3),
    .group = Group::kString,
    .since = "7.0.0",
    .flags = kReadonly | kMayPause,
    .acl = kAclString,
    .keys = {KeyRange(1, 1, 1, kKeyReadOnly | kKeyAccess)},
    .syntax = "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
    .complexity = "O(N*M) with N and M the lengths of the strings",
    .summary = "Finds the longest common subsequence of two strings."};

}  // namespace

void RegisterStringGetCommands(CommandRegistry& registry) {
  registry.Add(kGet, Get);
  registry.Add(kStrlen, Strlen);
  registry.Add(kGetrange, Getrange);
  registry.Add(kSubstr, Getrange);
  registry.Add(kMget, Mget);
  registry.Add(kLcs, Lcs);
}

}  // namespace torc
