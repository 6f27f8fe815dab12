#pragma once

// Fixed-width little-endian loads and stores, and a bounded reader and writer for bytes that come
// from outside: the reader never passes its end, latches the first failure, and yields zeros after
// it.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace torc {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "Torc runs on little-endian machines");

template <typename T>
T LoadLe(const void* from) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
void StoreLe(void* to, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(to, &value, sizeof(T));
}

// Reads from a view that must outlive it. ok() turns false at the first read past the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T Fixed() {
    if (rest_.size() < sizeof(T)) return Fail<T>();
    const T value = LoadLe<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  uint8_t U8() { return Fixed<uint8_t>(); }
  uint16_t U16() { return Fixed<uint16_t>(); }
  uint32_t U32() { return Fixed<uint32_t>(); }
  uint64_t U64() { return Fixed<uint64_t>(); }
  // LEB128 of at most 64 bits; a longer or an overflowing one fails.
  uint64_t Varint();
  // A view into the input of exactly `size_bytes` bytes; empty after a failure.
  std::string_view Bytes(size_t size_bytes) {
    if (rest_.size() < size_bytes) return Fail<std::string_view>();
    const std::string_view out = rest_.substr(0, size_bytes);
    rest_.remove_prefix(size_bytes);
    return out;
  }
  // A varint length, then that many bytes; fails when the length exceeds `size_bytes_max`.
  std::string_view Blob(size_t size_bytes_max) {
    const uint64_t size_bytes = Varint();
    if (size_bytes > size_bytes_max) return Fail<std::string_view>();
    return Bytes(static_cast<size_t>(size_bytes));
  }
  // Latches a failure of the caller's own (a value out of its range).
  void Invalidate() { Fail<int>(); }

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }
  size_t remaining() const { return rest_.size(); }

 private:
  template <typename T>
  T Fail() {
    ok_ = false;
    rest_ = {};
    return T{};
  }
  std::string_view rest_;
  bool ok_ = true;
};

// Appends to a string it does not own, which must outlive it.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out) : out_(out) {}

  template <typename T>
  void Fixed(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out_->append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void U8(uint8_t v) { Fixed(v); }
  void U16(uint16_t v) { Fixed(v); }
  void U32(uint32_t v) { Fixed(v); }
  void U64(uint64_t v) { Fixed(v); }
  void Varint(uint64_t value);
  void Bytes(std::string_view bytes) { out_->append(bytes); }
  void Blob(std::string_view bytes) {
    Varint(bytes.size());
    Bytes(bytes);
  }

 private:
  std::string* out_;
};

}  // namespace torc
