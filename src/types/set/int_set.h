#pragma once

// IntSet: integers in ascending order, all of the same width: 16, 32 or 64 bits, as the widest
// needs.
//
//   refs u32 | count and width u32 | number | number | …
//
// Ten numbers of 16 bits take 28 bytes. Search is O(log n), a write O(n), a clone O(1): sets are
// reference-counted, and a write to a shared one copies it first. One thread at a time may use a
// set and its clones.

#include <cstddef>
#include <cstdint>
#include <utility>

namespace torc {

class IntSet {
 public:
  // More would not fit the count; far above what any setting asks for in earnest.
  static constexpr uint32_t kCountMax = (1U << 30) - 1;

  IntSet() = default;
  // Takes over what Release gave.
  static IntSet Adopt(void* numbers) {
    IntSet out;
    out.header_ = static_cast<Header*>(numbers);
    return out;
  }
  void* Release() { return std::exchange(header_, nullptr); }
  IntSet(IntSet&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  IntSet& operator=(IntSet&& other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~IntSet();
  IntSet Clone() const;

  uint32_t count() const { return header_ == nullptr ? 0 : header_->count; }
  size_t allocated_bytes() const;
  bool Contains(int64_t number) const { return Search(number).found; }
  // The number at this index, in ascending order.
  int64_t At(uint32_t index) const;
  // False, and nothing changed, if it is there already; the set has room.
  bool Add(int64_t number);
  bool Remove(int64_t number);
  void RemoveAt(uint32_t index);

  // Walks the set and crashes on a broken invariant.
  void CheckInvariants() const;

 private:
  struct Header {
    uint32_t refs;
    uint32_t count : 30;
    uint32_t width_log2 : 2;  // of a number's bytes: 1, 2 or 3
  };
  struct Found {
    uint32_t index;
    bool found;
  };
  Found Search(int64_t number) const;
  uint8_t* data() const { return reinterpret_cast<uint8_t*>(header_ + 1); }
  // Makes the set its own, of this width and count, with what was before `keep` where it was and
  // what was from `from` on at `to`.
  void Rebuild(uint32_t width_log2, uint32_t count, uint32_t keep, uint32_t from, uint32_t to);

  Header* header_ = nullptr;
};

}  // namespace torc
