#pragma once

// Reads the primitives of the RDB format (persist/RDB_FORMAT.md). What a data type's `load` gets.
//
// The bytes come from outside and may be anything. The reader never passes their end; the first
// failure is latched with its offset, and from then on it yields zeros and empty strings, so that a
// `load` may read on and ask ok() where it matters: in loops, and before it allocates. A count is
// checked against the bytes that are left before anybody reserves room for it.
//
// A view that a read returns lives until the next read.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "persist/rdb_format.h"
#include "store/text_packer.h"
#include "torc/status.h"

namespace torc {

// Where the bytes come from when they are not all in memory: a file.
class RdbSource {
 public:
  virtual ~RdbSource() = default;
  // Fills in up to `bytes_max` further bytes; at least one unless none are left.
  virtual StatusOr<size_t> Read(char* to, size_t bytes_max) = 0;
};

class RdbReader {
 public:
  // A string that came out of LZF is at most this many times as long as what went in.
  static constexpr uint64_t kLzfRatioMax = 88;

  // All bytes; they must outlive the reader.
  explicit RdbReader(std::string_view bytes);
  // A source of `total_bytes` bytes, which must outlive the reader.
  RdbReader(RdbSource* source, uint64_t total_bytes);
  RdbReader(const RdbReader&) = delete;
  RdbReader& operator=(const RdbReader&) = delete;

  // --- Primitives
  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  // A count or a size of any kind that is read some other way. Strings check theirs themselves.
  uint64_t Length();
  // A count of items that take at least `item_bytes_min` bytes each: fails if so many cannot be
  // left.
  uint64_t Count(size_t item_bytes_min = 1);
  // A string, whatever its encoding: a view of the input, or of the reader's own memory.
  std::string_view String();
  // The same, copied: for the first of two that are needed together. Reuses the memory of `out`.
  void StringInto(std::string* out) { out->assign(String()); }
  double BinaryDouble();
  // A double as text with a length byte: scores of RdbType::kSortedSetText.
  double TextDouble();
  int64_t MsTime() { return static_cast<int64_t>(U64()); }
  std::string_view Bytes(size_t size_bytes);
  void Skip(uint64_t size_bytes);
  // Passes a string without looking into it.
  void SkipString();

  // --- Failure
  bool ok() const { return status_.ok(); }
  const Status& status() const { return status_; }
  // Latches a failure of the caller's own: "a ziplist ends too early". The first one stays.
  void Fail(std::string_view what) { FailWith(Status::Corruption(std::string(what))); }

  // --- Place
  // Bytes read so far, and those that are left.
  uint64_t offset() const { return end_offset_ - static_cast<uint64_t>(end_ - at_); }
  uint64_t remaining() const { return total_bytes_ - offset(); }
  // CRC64 of all bytes read so far. Costs nothing when it is never asked for and `bytes` were
  // given; a source's bytes are summed as they leave the window, unless that is switched off.
  uint64_t Checksum();
  void DisableChecksum() { checksum_enabled_ = false; }
  // Memory for a value under construction, to be viewed by LoadedValue::inline_bytes. Not touched
  // by reads.
  std::string& scratch() { return scratch_; }
  // For strings that are kept packed; what it answers lives as long as scratch().
  TextPacker& packer() { return packer_; }

 private:
  static constexpr size_t kWindowBytes = 1 << 20;

  void FailWith(Status status);
  // Whether `size_bytes` bytes are in the window; reads more if they are not.
  bool Have(size_t size_bytes) {
    return static_cast<size_t>(end_ - at_) >= size_bytes || Refill(size_bytes);
  }
  [[gnu::cold, gnu::noinline]] bool Refill(size_t size_bytes);
  void SumConsumed();
  template <typename T>
  T Fixed();
  struct LengthOrEncoding {
    uint64_t length = 0;
    bool encoded = false;
  };
  LengthOrEncoding ReadLength();
  std::string_view LzfString();
  std::string_view EncodedString(uint64_t encoding);

  RdbSource* source_ = nullptr;
  Buffer window_;             // of a source's bytes
  const char* at_ = nullptr;  // the next byte to read
  const char* end_ = nullptr;
  const char* summed_ = nullptr;  // bytes before it are in checksum_
  uint64_t end_offset_ = 0;       // of end_, from the start of all
  uint64_t total_bytes_ = 0;
  uint64_t checksum_ = 0;
  bool checksum_enabled_ = true;
  Status status_;
  std::string text_;  // what String() decoded
  std::string scratch_;
  TextPacker packer_;
};

}  // namespace torc
