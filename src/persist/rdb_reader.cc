#include "persist/rdb_reader.h"

#include <liblzf/lzf.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/crc.h"
#include "base/text.h"

namespace torc {

RdbReader::RdbReader(std::string_view bytes)
    : at_(bytes.data()),
      end_(bytes.data() + bytes.size()),
      summed_(bytes.data()),
      end_offset_(bytes.size()),
      total_bytes_(bytes.size()) {}

RdbReader::RdbReader(RdbSource* source, uint64_t total_bytes)
    : source_(source), total_bytes_(total_bytes) {}

void RdbReader::FailWith(Status status) {
  if (!ok()) return;
  status_ = std::move(status).WithContext(
      Format("at offset %llu", static_cast<unsigned long long>(offset())));
}

void RdbReader::SumConsumed() {
  if (checksum_enabled_ && at_ != summed_) {
    checksum_ = Crc64(checksum_, {summed_, static_cast<size_t>(at_ - summed_)});
  }
  summed_ = at_;
}

uint64_t RdbReader::Checksum() {
  SumConsumed();
  return checksum_;
}

bool RdbReader::Refill(size_t size_bytes) {
  if (!ok()) return false;
  if (size_bytes > remaining()) {
    Fail("the input ends too early");
    return false;
  }
  SumConsumed();
  if (!window_.empty()) window_.Consume(window_.size() - static_cast<size_t>(end_ - at_));
  while (window_.size() < size_bytes) {
    // What is claimed to follow gets memory as it arrives, not before.
    const size_t wanted = std::max(kWindowBytes, window_.size());
    const uint64_t left = total_bytes_ - end_offset_;
    char* const to = window_.Reserve(static_cast<size_t>(std::min<uint64_t>(wanted, left)));
    auto count = source_->Read(to, static_cast<size_t>(std::min<uint64_t>(wanted, left)));
    if (count.ok()) {
      window_.Commit(*count);
      end_offset_ += *count;
    }
    at_ = summed_ = window_.data();
    end_ = at_ + window_.size();
    if (!count.ok()) {
      FailWith(count.status());
      return false;
    }
    if (*count == 0) {
      Fail("the input ends too early");
      return false;
    }
  }
  return true;
}

template <typename T>
T RdbReader::Fixed() {
  if (!ok() || !Have(sizeof(T))) return T{};
  const T value = LoadLe<T>(at_);
  at_ += sizeof(T);
  return value;
}

uint8_t RdbReader::U8() {
  return Fixed<uint8_t>();
}

uint32_t RdbReader::U32() {
  return Fixed<uint32_t>();
}

uint64_t RdbReader::U64() {
  return Fixed<uint64_t>();
}

double RdbReader::BinaryDouble() {
  return Fixed<double>();
}

double RdbReader::TextDouble() {
  const uint8_t size_bytes = U8();
  switch (size_bytes) {
    case 255:
      return -std::numeric_limits<double>::infinity();
    case 254:
      return std::numeric_limits<double>::infinity();
    case 253:
      return std::numeric_limits<double>::quiet_NaN();
    default:
      break;
  }
  const auto value = ParseDouble(Bytes(size_bytes));
  if (ok() && !value) Fail("a score is not a number");
  return value.value_or(0);
}

std::string_view RdbReader::Bytes(size_t size_bytes) {
  if (!ok() || !Have(size_bytes)) return {};
  const std::string_view bytes(at_, size_bytes);
  at_ += size_bytes;
  return bytes;
}

void RdbReader::Skip(uint64_t size_bytes) {
  while (size_bytes > 0 && ok()) {
    const auto part = static_cast<size_t>(std::min<uint64_t>(size_bytes, kWindowBytes));
    Bytes(part);
    size_bytes -= part;
  }
}

RdbReader::LengthOrEncoding RdbReader::ReadLength() {
  const uint8_t first = U8();
  switch (first >> 6) {
    case kRdbLength6Bits:
      return {first};
    case kRdbLength14Bits:
      return {static_cast<uint64_t>(first & 0x3f) << 8 | U8()};
    case kRdbLengthEncoded:
      return {static_cast<uint64_t>(first & 0x3f), true};
    default:
      break;
  }
  if (first == kRdbLength32Bits) return {__builtin_bswap32(U32())};
  if (first == kRdbLength64Bits) return {__builtin_bswap64(U64())};
  Fail("a length has an unknown encoding");
  return {};
}

uint64_t RdbReader::Length() {
  const LengthOrEncoding read = ReadLength();
  if (!read.encoded) return read.length;
  Fail("there is an encoded string where a length must be");
  return 0;
}

uint64_t RdbReader::Count(size_t item_bytes_min) {
  const uint64_t count = Length();
  if (count <= remaining() / item_bytes_min) return count;
  Fail("there are more items than the input has room for");
  return 0;
}

std::string_view RdbReader::LzfString() {
  const uint64_t packed_bytes = Length();
  const uint64_t size_bytes = Length();
  if (ok() && packed_bytes > remaining()) Fail("a compressed string passes the end");
  if (ok() && std::max(packed_bytes, size_bytes) > UINT32_MAX) {
    Fail("a compressed string is longer than the format allows");
  }
  if (ok() && size_bytes > packed_bytes * kLzfRatioMax) {
    Fail("a compressed string is longer than its bytes can tell");
  }
  const std::string_view packed = Bytes(static_cast<size_t>(packed_bytes));
  if (!ok()) return {};
  text_.resize(static_cast<size_t>(size_bytes));
  const auto unpacked = lzf_decompress(packed.data(), static_cast<unsigned>(packed_bytes),
                                       text_.data(), static_cast<unsigned>(size_bytes));
  if (unpacked == size_bytes && size_bytes > 0) return text_;
  Fail("a compressed string is damaged");
  return {};
}

std::string_view RdbReader::EncodedString(uint64_t encoding) {
  int64_t value = 0;
  switch (encoding) {
    case kRdbStringInt8:
      value = static_cast<int8_t>(U8());
      break;
    case kRdbStringInt16:
      value = Fixed<int16_t>();
      break;
    case kRdbStringInt32:
      value = Fixed<int32_t>();
      break;
    case kRdbStringLzf:
      return LzfString();
    default:
      Fail("a string has an unknown encoding");
      return {};
  }
  if (!ok()) return {};
  text_ = DecimalText(value).view();
  return text_;
}

std::string_view RdbReader::String() {
  const LengthOrEncoding read = ReadLength();
  if (read.encoded) return EncodedString(read.length);
  if (ok() && read.length > remaining()) Fail("a string passes the end");
  return Bytes(static_cast<size_t>(read.length));
}

void RdbReader::SkipString() {
  const LengthOrEncoding read = ReadLength();
  if (!read.encoded) return Skip(read.length);
  if (read.length != kRdbStringLzf) {
    EncodedString(read.length);
    return;
  }
  const uint64_t packed_bytes = Length();
  Length();
  Skip(packed_bytes);
}

}  // namespace torc
