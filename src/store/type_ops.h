#pragma once

// What store, persist and features know of a data type: one table of functions per type. A new type
// brings its own table (types/<type>/<type>_type.cc) and changes nothing else.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/ids.h"
#include "store/value_limits.h"

namespace torc {

class BlockMover;  // base/memory.h
class Entry;
class RdbReader;  // persist/rdb_reader.h
class RdbWriter;  // persist/rdb_writer.h

// Redis's type numbers; the low four bits of an entry's first byte.
enum class ValueType : uint8_t { kString, kList, kSet, kSortedSet, kHash, kModule, kStream };
inline constexpr size_t kValueTypeCount = 8;

// A value read from an RDB, not yet in a keyspace. Whoever gets it puts it into an entry of this
// shape, which from then on owns the box.
struct LoadedValue {
  ValueType type = ValueType::kString;
  uint8_t encoding = 0;
  // An empty collection: such a key does not exist and is passed over. There is no box then.
  bool empty = false;
  bool boxed = false;
  void* box = nullptr;                 // if boxed
  std::string_view inline_bytes = {};  // if not; lives until the reader's next read: a view of what
                                       // it read, or of its scratch()
};

// A large value held still for a snapshot while its key goes on being written: a clone that shares
// the nodes. Made, used and destroyed on the shard's own thread.
//
// SaveSome is called until it returns false, then the value is destroyed; it lets go of what it
// has written, so that writers need not copy those nodes any more (CowTree::DrainSome). When a
// snapshot is given up, FreeSome is called until it returns false instead. Destruction is O(1)
// then.
class HeldValue {
 public:
  virtual ~HeldValue() = default;
  // Goes on with what TypeOps::save would have written when the value was held, by about
  // `bytes_max` bytes of the value, however well they compress; returns whether there is more.
  virtual bool SaveSome(RdbWriter& writer, size_t bytes_max) = 0;
  // Lets go of about `items_max` items without writing them; returns whether there are more.
  virtual bool FreeSome(size_t items_max) = 0;
};

// Takes one command, the name first: what TypeOps::rebuild calls.
using CommandSink = std::function<void(std::span<const std::string_view> argv)>;

struct TypeOps {
  std::string_view name;  // what TYPE answers
  // What OBJECT ENCODING answers.
  std::string_view (*encoding)(const Entry& entry);
  // Frees what the entry's value holds outside the entry itself.
  void (*free_value)(Entry* entry);
  // Copies the value of `from` into `to`, an entry with another key whose value is uninitialised
  // but of the same inline size.
  void (*copy_value)(const Entry& from, Entry* to);
  // Bytes allocated outside the entry itself (size classes included).
  size_t (*outside_bytes)(const Entry& entry);
  // How many elements (1 for a string): what decides between DEL and a lazy free.
  size_t (*length)(const Entry& entry);
  // What OBJECT REFCOUNT answers: 1, or INT32_MAX for what Redis shares between keys.
  int64_t (*reference_count)(const Entry& entry);
  // A hash of the logical value, independent of encoding and of internal order.
  uint64_t (*digest)(const Entry& entry, uint64_t seed);

  // Asks for the memory in which a part (field, member) of a boxed value is, or would be. Null:
  // that is not worth it.
  void (*prefetch_part)(const Entry& entry, std::string_view part) = nullptr;

  // Of a type whose parts may have deadlines (Entry::has_parts_deadline; else null): removes parts
  // that are due, about `parts_max` of them, naming each to `taken` before, and brings the entry's
  // parts deadline up to date. Returns how many; the value may be empty then.
  size_t (*take_due_parts)(Entry* entry, UnixMs now, size_t parts_max,
                           const std::function<void(std::string_view part)>& taken) = nullptr;

  // Offers what the value holds outside the entry to the mover, block by block, and follows those
  // that moved; what it shares with clones stays where it is. `*place` is 0 at first: about
  // `items_max` items are looked at, and `*place` says where to go on; false when all have been.
  // Between calls anything may happen to the value. Null: nothing of it is moved.
  bool (*relocate)(Entry* entry, BlockMover& mover, uint64_t* place, size_t items_max) = nullptr;

  // --- On disk: types/<type>/<type>_codec.cc. Examples: types/string/string_codec.cc. None of them
  // knows the key's expiry, access clock or database; rebuild alone names the key.

  // The RDB types (bits 1 << number, see persist/rdb_format.h) that `load` reads.
  uint32_t rdb_types;
  // The RDB type of what `save` writes for this value: one that version 10 knows (at most 19).
  uint8_t (*rdb_type)(const Entry& entry);
  // Writes the value: what stands behind the key.
  void (*save)(const Entry& entry, RdbWriter& writer);
  // Reads a value that was written as `rdb_type`, one of rdb_types, and gives it the encoding that
  // it would have if commands had made it under these limits. On bad input it calls reader.Fail (or
  // a read has), frees what it made, and returns anything. Allocates no more than a small multiple
  // of the bytes it has read; refuses what cannot be (a member twice, NaN as a score).
  LoadedValue (*load)(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
  // Holds a value that is too large to be written in one go (some 64 KiB; always a tree): O(1).
  // Null, or a null result: the value is small, `save` is quick.
  std::unique_ptr<HeldValue> (*hold)(const Entry& entry);
  // Emits commands that make an equal value under this entry's key, of at most some 64 elements
  // each: RPUSH, SADD, HSET, ZADD. For logs in command form and for debugging.
  void (*rebuild)(const Entry& entry, const CommandSink& emit);
};

// Types by number; null where this build has no such type.
using TypeTable = std::array<const TypeOps*, kValueTypeCount>;

}  // namespace torc
