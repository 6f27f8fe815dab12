#include "types/hash/hash_access.h"

#include <utility>

#include "command/value_type.h"
#include "resp/errors.h"

namespace torc {

FoundHash ReadHash(CommandContext& context, const KeyRef& key) {
  const Entry* entry = context.Read(key);
  FoundHash out;
  out.wrong_type = RefuseOtherType(context, entry, ValueType::kHash);
  if (entry == nullptr || out.wrong_type) return out;
  out.view = HashView(*entry);
  if (entry->PartsDueAt(context.now)) [[unlikely]] {
    out.without_due = out.view.Clone();
    out.without_due.TakeDue(context.now.value(), SIZE_MAX, [](std::string_view) {});
    out.view = out.without_due.view();
  }
  out.exists = out.view.size() > 0;
  return out;
}

WritableHash WriteHash(CommandContext& context, const KeyRef& key) {
  WritableHash out{.key = key, .found = context.Write(key)};
  out.wrong_type = RefuseOtherType(context, out.found.entry, ValueType::kHash);
  return out;
}

HashEdit::HashEdit(CommandContext& context, const WritableHash& hash)
    : context_(context), hash_(hash), limits_(context.Owner(hash.key).options().limits) {
  if (hash.found) value_ = HashValue::TakeFrom(hash.found.entry);
}

void HashEdit::Finish() {
  Keyspace& owner = context_.Owner(hash_.key);
  const DbIndex db = context_.session.db;
  const bool empty = value_.size() == 0;
  const int64_t deadline_ms = value_.view().least_deadline_ms();
  Entry* entry = hash_.found.entry;
  if (entry == nullptr) {
    if (empty) return;
    entry = owner.Put(db, hash_.key, hash_.found,
                      {.type = ValueType::kHash,
                       .encoding = static_cast<uint8_t>(value_.encoding()),
                       .boxed = true,
                       .inline_bytes = Entry::kBoxBytes,
                       .clock = owner.access_clock().Fresh()});
    value_.StoreIn(entry);
    if (deadline_ms != kNoLeastRank) {
      owner.SetPartsDeadline(db, hash_.key, owner.Peek(db, hash_.key), deadline_ms);
    }
    return;
  }
  value_.StoreIn(entry);
  if (empty) {
    removed_ = true;
    return owner.Remove(db, hash_.key, hash_.found);
  }
  const int64_t noted_ms =
      entry->has_parts_deadline() ? entry->parts_deadline_ms() : Entry::kNoPartsDeadline;
  if (deadline_ms != noted_ms) owner.SetPartsDeadline(db, hash_.key, hash_.found, deadline_ms);
}

void HashEdit::NotifyIfRemoved() {
  if (removed_) {
    context_.Notify(context_.session.db, EventClass::kGeneric, "del", hash_.key.text);
  }
}

void ReplyElement(ReplyWriter& reply, const CompactElement& element) {
  element.is_integer ? reply.BulkInteger(element.integer) : reply.Bulk(element.text);
}

bool CheckHashWords(CommandContext& context, Argv words) {
  for (const std::string_view word : words) {
    if (word.size() <= CompactBlock::kElementBytesMax) continue;
    context.reply.Error(errors::kStringTooLong);
    return false;
  }
  return true;
}

}  // namespace torc
