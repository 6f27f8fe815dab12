#include "command/working_copy.h"

#include <algorithm>

#include "base/check.h"

namespace torc {

WorkingCopy::WorkingCopy(CommandContext& context, Breather& breather, const KeyRef& key,
                         Keyspace::Found found, uint64_t work)
    : context_(&context), breather_(&breather), key_(key), found_(found) {
  Keyspace& owner = context.Owner(key);
  const Entry& entry = *found.entry;
  if (!breather.IsLong(std::max<uint64_t>(work, owner.ops(entry).length(entry)))) return;
  TORC_DCHECK(entry.boxed() && !entry.has_parts_deadline(), "a value is one box");
  copy_.emplace(&owner, entry);
}

Keyspace::Found WorkingCopy::Commit() {
  if (!copy_) return found_;
  // The table may have changed around it, the entry has not.
  found_ = context_->Find(key_);
  TORC_CHECK(found_, "a held key stays");
  copy_->SwapWith(context_->session.db, found_);
  copy_.reset();
  return found_;
}

}  // namespace torc
