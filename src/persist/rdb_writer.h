#pragma once

// Writes the primitives of the RDB format (persist/RDB_FORMAT.md) to the end of a buffer. What a
// data type's `save` gets; it knows no file, no checksum and no key.
//
//   void Save(const Entry& entry, RdbWriter& writer) {
//     writer.Length(members);
//     for (…) { writer.String(member); writer.BinaryDouble(score); }
//   }

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/bytes.h"

namespace torc {

struct RdbWriterOptions {
  bool compress = true;  // rdbcompression: strings of more than 20 bytes by LZF, if that is shorter
};

class RdbWriter {
 public:
  // Longer strings are not compressed: LZF takes some 4 ms for a megabyte, and a turn of the loop
  // has not got so much.
  static constexpr size_t kCompressedBytesMax = 64 << 10;

  // `out` must outlive the writer.
  explicit RdbWriter(Buffer* out, RdbWriterOptions options = {}) : out_(out), options_(options) {}

  void U8(uint8_t value) { Fixed(value); }
  // A count or a size, in 1, 2, 5 or 9 bytes.
  void Length(uint64_t value);
  // A string with its length: as an integer of 1, 2 or 4 bytes if it is one in canonical form, by
  // LZF if that is allowed and shorter, else as it is.
  void String(std::string_view text);
  // The same as the string that this number is in decimal.
  void IntegerString(int64_t value);
  // A string as it is: what is compact already, such as a listpack. With `compress` LZF is tried.
  void RawString(std::string_view bytes);
  // Eight bytes of an IEEE double: scores of RdbType::kSortedSet.
  void BinaryDouble(double value) { Fixed(value); }
  // Milliseconds since the Unix epoch, in eight bytes.
  void MsTime(int64_t unix_ms) { Fixed(unix_ms); }
  // Bytes without a length.
  void Bytes(std::string_view bytes) { out_->Append(bytes); }

  Buffer& out() { return *out_; }
  const RdbWriterOptions& options() const { return options_; }
  void set_compress(bool compress) { options_.compress = compress; }

 private:
  template <typename T>
  void Fixed(T value) {
    StoreLe(out_->Reserve(sizeof(T)), value);
    out_->Commit(sizeof(T));
  }
  bool IntegerEncoding(int64_t value);
  bool Compressed(std::string_view bytes);

  Buffer* out_;
  RdbWriterOptions options_;
};

}  // namespace torc
