// RENAME, RENAMENX, COPY, MOVE: a value under another key or in another database.

#include <cstring>
#include <optional>
#include <string>

#include "command/context.h"
#include "features/keys/key_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

// A key in a database.
struct Place {
  DbIndex db;
  KeyRef key;
};

Keyspace::Found FindAt(CommandContext& context, const Place& place) {
  return context.Owner(place.key).Find(place.db, place.key, context.now);
}

Entry::Shape ShapeOf(const Entry& entry) {
  return {.type = entry.type(),
          .encoding = entry.encoding(),
          .boxed = entry.boxed(),
          .inline_bytes = entry.inline_bytes(),
          .expiry_ms = entry.expiry_ms(),
          .clock = entry.clock()};
}

// Puts the value of `from` at `to`, which is overwritten; the value itself is moved, not copied,
// and keeps its deadline.
void MoveValue(CommandContext& context, const Place& from, const Place& to) {
  Keyspace& source = context.Owner(from.key);
  Keyspace& target = context.Owner(to.key);
  const Keyspace::Found old = FindAt(context, from);
  const Entry::Shape shape = ShapeOf(*old.entry);
  char bytes[Entry::kInlineBytesMax];
  std::memcpy(bytes, old.entry->inline_value().data(), shape.inline_bytes);
  source.RemoveKeepingValue(from.db, from.key, old);
  Entry* entry = target.Put(to.db, to.key, FindAt(context, to), shape);
  std::memcpy(entry->mutable_inline_value(), bytes, shape.inline_bytes);
  target.NoteDeadlines(to.db, to.key, *entry);
}

void RenameKey(CommandContext& context, ArgCursor args, bool only_if_absent) {
  const DbIndex db = context.session.db;
  const Place from{db, context.Key(args.Key())};
  const Place to{db, context.Key(args.Key())};
  if (!context.Write(from.key)) return context.reply.Error(errors::kNoSuchKey);
  const bool same = from.key.text == to.key.text;
  const bool taken = same || FindAt(context, to);
  if (same || (taken && only_if_absent)) {
    if (only_if_absent) {
      context.reply.Integer(0);
    } else {
      context.reply.Ok();
    }
    return;
  }
  MoveValue(context, from, to);
  // What had the name is deleted first, so the name is a new key, too.
  if (taken) context.Notify(db, EventClass::kNew, "new", to.key.text);
  context.Changed(EventClass::kGeneric, "rename_from", from.key.text);
  context.Notify(db, EventClass::kGeneric, "rename_to", to.key.text);
  if (only_if_absent) {
    context.reply.Integer(1);
  } else {
    context.reply.Ok();
  }
}

void Rename(CommandContext& context, ArgCursor args) {
  RenameKey(context, args, false);
}

constexpr CommandSpec kRename = {.name = "rename",
                                 .arity = Exactly(3),
                                 .group = Group::kGeneric,
                                 .since = "1.0.0",
                                 .flags = kWrite,
                                 .acl = kAclKeyspace,
                                 .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
                                          OneKey(2, kKeyOverwrite | kKeyUpdate)},
                                 .syntax = "key newkey",
                                 .complexity = "O(1), plus freeing what the new name held",
                                 .summary = "Gives a key another name."};

void Renamenx(CommandContext& context, ArgCursor args) {
  RenameKey(context, args, true);
}

constexpr CommandSpec kRenamenx = {.name = "renamenx",
                                   .arity = Exactly(3),
                                   .group = Group::kGeneric,
                                   .since = "1.0.0",
                                   .flags = kWrite | kFast,
                                   .acl = kAclKeyspace,
                                   .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyDelete),
                                            OneKey(2, kKeyOverwrite | kKeyInsert)},
                                   .syntax = "key newkey",
                                   .complexity = "O(1)",
                                   .summary = "Gives a key another name that is not taken yet."};

// The database an argument names, or a replied error.
std::optional<DbIndex> DbFrom(CommandContext& context, int64_t number) {
  if (number >= 0 && number < context.services.options->databases) {
    return DbIndex(static_cast<uint32_t>(number));
  }
  context.reply.Error(errors::kDbIndexOutOfRange);
  return std::nullopt;
}

void Move(CommandContext& context, ArgCursor args) {
  const Place from{context.session.db, context.Key(args.Key())};
  const int64_t number = args.Int32();
  if (!args.Done(context.reply)) return;
  const auto db = DbFrom(context, number);
  if (!db) return;
  if (*db == from.db) {
    return context.reply.Error(errors::kSameObject);
  }
  const Place to{*db, from.key};
  if (!context.Write(from.key) || FindAt(context, to)) return context.reply.Integer(0);
  MoveValue(context, from, to);
  context.Changed(EventClass::kGeneric, "move_from", from.key.text);
  context.Notify(to.db, EventClass::kGeneric, "move_to", to.key.text);
  context.reply.Integer(1);
}

constexpr CommandSpec kMove = {.name = "move",
                               .arity = Exactly(3),
                               .group = Group::kGeneric,
                               .since = "1.0.0",
                               .flags = kWrite | kFast,
                               .acl = kAclKeyspace,
                               .keys = {OneKey(1, kKeyReadWrite | kKeyAccess | kKeyUpdate)},
                               .syntax = "key db",
                               .complexity = "O(1)",
                               .summary = "Moves a key to another database."};

struct CopyOptions {
  int64_t db;
  bool replace = false;
};

CopyOptions ParseCopyOptions(ArgCursor& args, DbIndex db, int64_t databases) {
  CopyOptions options{.db = db.value()};
  while (!args.AtEnd() && args.ok()) {
    if (args.Take("REPLACE")) {
      options.replace = true;
    } else if (args.TakeWith("DB", 1)) {
      options.db = args.Int32();
      // Judged where it stands: before what is wrong behind it.
      if (options.db < 0 || options.db >= databases) args.Fail(errors::kDbIndexOutOfRange);
    } else {
      args.FailSyntax();
    }
  }
  return options;
}

void Copy(CommandContext& context, ArgCursor args) {
  const Place from{context.session.db, context.Key(args.Key())};
  const KeyRef to_key = context.Key(args.Key());
  const CopyOptions options = ParseCopyOptions(args, from.db, context.services.options->databases);
  if (!args.Done(context.reply)) return;
  const auto db = DbFrom(context, options.db);
  if (!db) return;
  const Place to{*db, to_key};
  if (to.db == from.db && to.key.text == from.key.text) {
    return context.reply.Error(errors::kSameObject);
  }
  if (context.Read(from.key) == nullptr) return context.reply.Integer(0);
  const bool taken = static_cast<bool>(FindAt(context, to));
  if (taken && !options.replace) return context.reply.Integer(0);
  if (taken) context.Notify(to.db, EventClass::kNew, "new", to.key.text);
  Keyspace& target = context.Owner(to.key);
  Entry::Shape shape = ShapeOf(*context.Find(from.key).entry);
  shape.clock = target.access_clock().Fresh();
  Entry* copy = target.Put(to.db, to.key, FindAt(context, to), shape);
  // Found again: the look-up of the target may have removed an expired key and moved entries.
  const Entry& original = *context.Find(from.key).entry;
  target.ops(original).copy_value(original, copy);
  target.NoteDeadlines(to.db, to.key, *copy);
  context.ChangedIn(to.db, EventClass::kGeneric, "copy_to", to.key.text);
  context.reply.Integer(1);
}

constexpr CommandSpec kCopy = {
    .name = "copy",
    .arity = AtLeast(3),
    .group = Group::kGeneric,
    .since = "6.2.0",
    .flags = kWrite | kDenyOom,
    .acl = kAclKeyspace,
    .keys = {OneKey(1, kKeyReadOnly | kKeyAccess), OneKey(2, kKeyOverwrite | kKeyUpdate)},
    .syntax = "source destination [DB destination-db] [REPLACE]",
    .complexity = "O(N) with N the elements of the value",
    .summary = "Copies a value to another key."};

}  // namespace

void RegisterKeyMoveCommands(CommandRegistry& registry) {
  registry.Add(kRename, Rename);
  registry.Add(kRenamenx, Renamenx);
  registry.Add(kMove, Move);
  registry.Add(kCopy, Copy);
}

}  // namespace torc
