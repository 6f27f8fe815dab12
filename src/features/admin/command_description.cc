#include "features/admin/command_description.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/text.h"

namespace torc {
namespace {

void StatusSet(ReplyWriter& reply, const std::vector<std::string_view>& words) {
  reply.Set(words.size());
  for (const std::string_view word : words) reply.SimpleString(word);
}

// Redis says the tips in lower case, but for the names that follow a colon.
void ReplyTips(ReplyWriter& reply, std::string_view tips) {
  if (tips.empty()) return reply.Set(0);
  const auto words = Split(tips, ',');
  reply.Set(words.size());
  for (const std::string_view word : words) reply.Bulk(Lowercase(word));
}

void ReplyBegin(ReplyWriter& reply, const KeySpec& keys) {
  reply.Bulk("begin_search");
  reply.Map(2);
  reply.Bulk("type");
  switch (keys.begin) {
    case KeySpec::Begin::kIndex:
      reply.Bulk("index");
      reply.Bulk("spec");
      reply.Map(1);
      reply.Bulk("index");
      return reply.Integer(keys.index);
    case KeySpec::Begin::kKeyword:
      reply.Bulk("keyword");
      reply.Bulk("spec");
      reply.Map(2);
      reply.Bulk("keyword");
      reply.Bulk(keys.keyword);
      reply.Bulk("startfrom");
      return reply.Integer(keys.index);
    case KeySpec::Begin::kUnknown:
    case KeySpec::Begin::kNone:
      reply.Bulk("unknown");
      reply.Bulk("spec");
      return reply.Map(0);
  }
}

void ReplyFind(ReplyWriter& reply, const KeySpec& keys) {
  reply.Bulk("find_keys");
  reply.Map(2);
  reply.Bulk("type");
  switch (keys.find) {
    case KeySpec::Find::kRange:
      reply.Bulk("range");
      reply.Bulk("spec");
      reply.Map(3);
      reply.Bulk("lastkey");
      reply.Integer(keys.last);
      reply.Bulk("keystep");
      reply.Integer(keys.step);
      reply.Bulk("limit");
      return reply.Integer(keys.limit);
    case KeySpec::Find::kKeyNum:
      reply.Bulk("keynum");
      reply.Bulk("spec");
      reply.Map(3);
      reply.Bulk("keynumidx");
      reply.Integer(keys.key_count_at);
      reply.Bulk("firstkey");
      reply.Integer(keys.first_key_at);
      reply.Bulk("keystep");
      return reply.Integer(keys.step);
    case KeySpec::Find::kUnknown:
      reply.Bulk("unknown");
      reply.Bulk("spec");
      return reply.Map(0);
  }
}

void ReplyKeySpecs(ReplyWriter& reply, const CommandSpec& spec) {
  const size_t count = static_cast<size_t>(
      std::count_if(spec.keys.begin(), spec.keys.end(),
                    [](const KeySpec& keys) { return keys.begin != KeySpec::Begin::kNone; }));
  reply.Set(count);
  for (size_t i = 0; i < count; ++i) {
    reply.Map(3);
    reply.Bulk("flags");
    StatusSet(reply, KeyUseNames(spec.keys[i].use));
    ReplyBegin(reply, spec.keys[i]);
    ReplyFind(reply, spec.keys[i]);
  }
}

bool IsPlainRange(const KeySpec& keys) {
  return keys.begin == KeySpec::Begin::kIndex && keys.find == KeySpec::Find::kRange;
}

int LastPosition(const KeySpec& keys) {
  return keys.last < 0 ? keys.last : keys.index + keys.last;
}

}  // namespace

LegacyKeyRange LegacyKeys(const CommandSpec& spec) {
  if (IsPlainRange(spec.keys[0]) && spec.keys[1].begin == KeySpec::Begin::kNone) {
    return {spec.keys[0].index, LastPosition(spec.keys[0]), spec.keys[0].step};
  }
  // Neighbouring runs of step 1 join into one; what does not fit is left out.
  LegacyKeyRange range;
  for (const KeySpec& keys : spec.keys) {
    if (keys.begin == KeySpec::Begin::kNone) break;
    if (!IsPlainRange(keys) || keys.step != 1) continue;
    if (range.first != 0 && range.last != keys.index - 1) break;
    if (range.first == 0) range.first = keys.index;
    range.last = LastPosition(keys);
    range.step = 1;
  }
  return range;
}

std::vector<std::string_view> KeyUseNames(uint16_t use) {
  struct UseName {
    uint16_t bit;
    std::string_view name;
  };
  static constexpr UseName kNames[] = {
      {kKeyReadOnly, "RO"},
      {kKeyReadWrite, "RW"},
      {kKeyOverwrite, "OW"},
      {kKeyRemove, "RM"},
      {kKeyAccess, "access"},
      {kKeyUpdate, "update"},
      {kKeyInsert, "insert"},
      {kKeyDelete, "delete"},
      {kKeyNotKey, "not_key"},
      {kKeyIncomplete, "incomplete"},
      {kKeyVariable, "variable_flags"},
  };
  std::vector<std::string_view> out;
  for (const UseName& entry : kNames) {
    if ((use & entry.bit) != 0) out.push_back(entry.name);
  }
  return out;
}

void ReplyDescription(ReplyWriter& reply, const Command& command) {
  const CommandSpec& spec = command.spec;
  const LegacyKeyRange keys = LegacyKeys(spec);
  reply.Array(10);
  reply.Bulk(command.full_name);
  reply.Integer(spec.arity.value);
  StatusSet(reply, FlagNames(spec.flags));
  reply.Integer(keys.first);
  reply.Integer(keys.last);
  reply.Integer(keys.step);
  StatusSet(reply, AclCategoryNames(command.acl_categories));
  ReplyTips(reply, spec.tips);
  ReplyKeySpecs(reply, spec);
  reply.Set(command.subcommands.size());
  for (const Command* sub : command.subcommands) ReplyDescription(reply, *sub);
}

}  // namespace torc
