#pragma once

// String values: how an entry holds one, and how to read, set, grow and cut it. No key look-up, no
// reply.
//
//   kInt     8 bytes inline, an int64; made when the text set is its canonical form
//   kEmbstr  the bytes inline, at most 44; as they were set
//   kRaw     the bytes inline up to Entry::kInlineBytesMax, else a Blob outside with room to grow
//   kPacked  compressed (store/text_packer.h), inline or in a Blob: a long text that was set or
//            loaded as a whole while value-compression was on. Clients see a kRaw. What changes a
//            part of it leaves a kRaw behind, so that a text that is written bit by bit is not
//            packed each time.
//
// The names and the boundary of 44 are Redis's: OBJECT ENCODING shows them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "command/context.h"
#include "store/keyspace.h"

namespace torc {

enum class StringEncoding : uint8_t { kInt, kEmbstr, kRaw, kPacked };

inline constexpr size_t kEmbstrBytesMax = 44;
// Growth of a Blob by at most this much beyond what is asked.
inline constexpr size_t kBlobSlackBytesMax = 1 << 20;

// A string's bytes as a view. An int is formatted, and a packed text unpacked, into the view
// itself, so it must outlive the text.
class StringView {
 public:
  explicit StringView(const Entry& entry);
  std::string_view text() const { return text_; }

 private:
  std::optional<DecimalText> digits_;
  std::unique_ptr<char[]> unpacked_;
  std::string_view text_;
};

// The entry's value as an integer, if it is one by Redis's rule.
std::optional<int64_t> IntegerOf(const Entry& entry);
size_t StringBytes(const Entry& entry);

enum class StringForm : uint8_t {
  kAsSet,  // int if canonical, embstr if short, else raw
  kText,   // never int: what INCRBYFLOAT leaves behind
  kRaw,    // what APPEND and SETRANGE leave behind
};

struct StringPlace {
  Keyspace* keyspace;
  DbIndex db;
  KeyRef key;
  Keyspace::Found found;  // empty: the key is new
};

// Sets the whole value; expiry_ms may be Entry::kNoExpiry. `text` must not view the entry's own
// bytes unless it has been copied. The entry may move.
Entry* SetString(const StringPlace& place, std::string_view text, int64_t expiry_ms,
                 StringForm form = StringForm::kAsSet);
// Sets an integer, in place where the entry holds one already.
Entry* SetInteger(const StringPlace& place, int64_t value, int64_t expiry_ms);
// Gives the value `size_bytes` bytes (more: filled with zeros; fewer: cut), raw, keeping its
// content and expiry, and returns the bytes for writing. Amortised O(added bytes) for growing
// values.
char* ResizeString(const StringPlace& place, size_t size_bytes);
// Whether making it so long, or writing to it at all, would copy bytes that are outside the entry.
bool ResizeCopies(const Entry& entry, size_t size_bytes);
// What stands in the entry of a string longer than Entry::kInlineBytesMax; the entry will own it.
void* NewStringBox(std::string_view bytes);
// The same of zeros, which costs nothing for their number; to be written before an entry has it.
void* NewZeroStringBox(size_t size_bytes, size_t capacity_bytes);
char* StringBoxBytes(void* box);

extern const TypeOps kStringType;

// --- On disk (string_codec.cc; HoldString: string.cc) ---

uint8_t StringRdbType(const Entry& entry);
void SaveString(const Entry& entry, RdbWriter& writer);
LoadedValue LoadString(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
std::unique_ptr<HeldValue> HoldString(const Entry& entry);
void RebuildString(const Entry& entry, const CommandSink& emit);

// --- By key (string_access.cc) ---

// A key looked up for a string command.
struct StringKey {
  bool wrong_type = false;  // already replied
  Entry* entry = nullptr;   // null: absent
};

StringKey ReadString(CommandContext& context, const KeyRef& key);

struct WritableString {
  bool wrong_type = false;  // already replied
  StringPlace place;
  Entry* entry() const { return place.found.entry; }
  int64_t expiry_ms() const {
    return place.found ? place.found.entry->expiry_ms() : Entry::kNoExpiry;
  }
};

WritableString WriteString(CommandContext& context, const KeyRef& key);
// To be called before ResizeString where that may be asked for much: if many bytes would be copied,
// they are now, and others run meanwhile (command/breather.h). The place may be another then.
void MakeRoomInSlices(CommandContext& context, WritableString* string, size_t size_bytes);
// As Pace counts, for a step of so many bytes: what copying them takes, to pages that are new.
inline constexpr size_t kCopyStepBytes = size_t{32} << 10;
inline constexpr uint64_t kCopyStepUnits = 2000;
// Deletes a key that is there, whatever it holds.
void RemoveKey(CommandContext& context, const KeyRef& key, Keyspace::Found found);

// Replies the error and returns false if a string of offset + added bytes would pass
// proto-max-bulk-len.
bool CheckStringSize(CommandContext& context, uint64_t offset, uint64_t added);

}  // namespace torc
