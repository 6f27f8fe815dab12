#pragma once

// Hashes by key, for commands: look-ups that reply WRONGTYPE themselves, and what every change ends
// with.

#include <string_view>

#include "command/context.h"
#include "types/hash/hash.h"

namespace torc {

struct FoundHash {
  bool wrong_type = false;  // already replied
  bool exists = false;
  HashView view;
  // What the view reads while due fields may not be removed (CLIENT PAUSE): the hash without them.
  HashValue without_due = {};

  HashView::Field Find(std::string_view field) const {
    if (!exists || field.size() > CompactBlock::kElementBytesMax) return {};
    return view.Find(CompactNeedle(field));
  }
};

// Counts a hit or a miss.
FoundHash ReadHash(CommandContext& context, const KeyRef& key);

// A key looked up for writing a hash.
struct WritableHash {
  bool wrong_type = false;  // already replied
  KeyRef key;
  Keyspace::Found found;  // empty: the key does not exist
  HashView view() const { return found ? HashView(*found.entry) : HashView(); }
};

WritableHash WriteHash(CommandContext& context, const KeyRef& key);

// The hash of a key out of its entry while it is changed, and back in it by Finish, which makes a
// missing key and removes one whose hash is empty, with its event.
class HashEdit {
 public:
  HashEdit(CommandContext& context, const WritableHash& hash);
  HashValue& value() { return value_; }
  const ValueLimits& limits() const { return limits_; }
  // Before the change is reported: events of the key's end come behind those of the change.
  void Finish();
  // After the change was reported: the event of the key's end, if it ended.
  void NotifyIfRemoved();

 private:
  CommandContext& context_;
  WritableHash hash_;
  const ValueLimits& limits_;
  HashValue value_;
  bool removed_ = false;
};

void ReplyElement(ReplyWriter& reply, const CompactElement& element);
// Replies the error and returns false if one of the words is longer than any may be.
bool CheckHashWords(CommandContext& context, Argv words);

}  // namespace torc
