#pragma once

// WorkingCopy: a large value that a command changes in slices (command/breather.h). The command
// works on a copy that shares the value's nodes, and puts it into the value's place when it is
// done; so whoever reads the key meanwhile reads the value as it was. Making one is O(1). A value
// that is not worth it, or that nobody could read meanwhile, is changed where it is.
//
// Only for values of collections: one box and nothing beside it.

#include <cstdint>
#include <optional>

#include "command/breather.h"
#include "command/context.h"
#include "store/private_value.h"

namespace torc {

class WorkingCopy {
 public:
  // `found` is the key's, for writing. Whether it is worth a copy is told by the value's length, or
  // by `work` if that is more. All must outlive it. What was not committed is forgotten.
  WorkingCopy(CommandContext& context, Breather& breather, const KeyRef& key, Keyspace::Found found,
              uint64_t work = 0);

  // The entry to read and to change: the copy, or the value itself.
  Entry* entry() const { return copy_ ? copy_->entry() : found_.entry; }
  // The pace to change it by: what is changed where it is allows no pause.
  Pace& pace() { return copy_ ? static_cast<Pace&>(*breather_) : steady_; }
  // The key's value is what was made of the copy. Returns where it is.
  Keyspace::Found Commit();

 private:
  CommandContext* context_;
  Breather* breather_;
  SteadyPace steady_;
  KeyRef key_;
  Keyspace::Found found_;
  std::optional<PrivateValue> copy_;
};

}  // namespace torc
