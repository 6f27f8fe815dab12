#pragma once

// PrivateValue: a value that is put together, or changed, beside the data set: nobody else sees it
// before it takes its place under a key. It is held as an entry that is in no table. What was not
// taken is freed by slices.

#include <cstdint>
#include <utility>

#include "store/keyspace.h"

namespace torc {

class PrivateValue {
 public:
  // Of a boxed value. The keyspace that will own it must outlive it.
  PrivateValue(Keyspace* owner, ValueType type, uint8_t encoding, void* box)
      : owner_(owner),
        entry_(Entry::New({}, {.type = type,
                               .encoding = encoding,
                               .boxed = true,
                               .inline_bytes = Entry::kBoxBytes})) {
    entry_->set_value_box(box);
  }
  // A copy of an entry's value, for which its type's copy must be cheap.
  PrivateValue(Keyspace* owner, const Entry& from)
      : PrivateValue(owner, from.type(), from.encoding(), nullptr) {
    owner->ops(from).copy_value(from, entry_);
  }
  ~PrivateValue() {
    if (entry_ != nullptr) owner_->Discard(entry_);
  }
  PrivateValue(const PrivateValue&) = delete;
  PrivateValue& operator=(const PrivateValue&) = delete;

  Entry* entry() const { return entry_; }

  // The value takes the place of what the key holds, if anything, without a deadline.
  Entry* PutAt(DbIndex db, const KeyRef& key, Keyspace::Found found) {
    Entry* const put = owner_->Put(db, key, found,
                                   {.type = entry_->type(),
                                    .encoding = entry_->encoding(),
                                    .boxed = true,
                                    .inline_bytes = Entry::kBoxBytes,
                                    .clock = owner_->access_clock().Fresh()});
    put->set_value_box(entry_->value_box());
    Entry::Delete(std::exchange(entry_, nullptr));
    return put;
  }
  // The value and that of an entry of the same shape change places.
  void SwapWith(DbIndex db, Keyspace::Found found) { owner_->SwapValue(db, found, entry_); }

 private:
  Keyspace* owner_;
  Entry* entry_;
};

}  // namespace torc
