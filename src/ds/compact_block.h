#pragma once

// CompactBlock: a short sequence of elements, byte strings or integers, in one allocation.
//
//   refs u32 | size u32 | count u32 | tag u8 | element | element | …        13 bytes of header
//
// An element is a tag byte, perhaps a length, and its bytes; there are no back-lengths:
//
//   00–5f   a text of 0 to 95 bytes, which follow
//   60–6f   a text of 96 to 4095 bytes: the low bits and one more byte are its length
//   70      a longer text: a length of four bytes follows
//   71–78   an integer of one to eight bytes, little-endian, two's complement
//   80–ff   an integer from 0 to 127
//
// A text that is the canonical decimal form of an int64 is kept as an integer and read back as the
// same text. Every text has exactly one encoding, so elements are compared, and searched, as they
// are encoded.
//
// Walking forward costs about a nanosecond an element. Blocks are meant to be small (some hundred
// elements, some KiB), so that what needs a scan may have one: At, Find, Last and Before all walk
// from the front. To walk backwards over a block, take all its places in one scan (Places) and go
// through them from the end.
//
// Blocks are reference-counted and copied on write: Clone is O(1), and a write to a shared block
// copies it first. So a block serves by itself as the whole of a small value, stored as one pointer
// (Release, Adopt), and as what an item of a CowTree refers to: the item is the pointer with the
// count of elements for its weight, Traits::Retain and Release are RetainBlock and ReleaseBlock,
// and to write one takes the item out by CowTree::Replace or Erase, edits it, and puts it back. The
// tag is the user's: what kind of elements these are.
//
// The allocation has exactly the bytes it needs, rounded up to the allocator's class (32, 48, 64,
// 80, 96, 112, 128, 160, …): growing by appending moves it about four times per doubling.
//
// One thread at a time may use a block and all its clones. A place is a byte offset; it dies with
// the next write to the block, as does every view of an element.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/prefetch.h"
#include "base/share_count.h"
#include "base/text.h"

namespace torc {

// An element as it is read.
struct CompactElement {
  bool is_integer = false;
  int64_t integer = 0;
  std::string_view text;  // unless it is an integer
};

// An element's text, an integer's digits included: it must outlive the view.
class CompactText {
 public:
  explicit CompactText(const CompactElement& element) : text_(element.text) {
    if (!element.is_integer) return;
    digits_.emplace(element.integer);
    text_ = digits_->view();
  }
  CompactText(const CompactText&) = delete;
  CompactText& operator=(const CompactText&) = delete;
  std::string_view view() const { return text_; }

 private:
  std::optional<DecimalText> digits_;
  std::string_view text_;
};

// An element as it would be encoded: made once, to search for it or to write it. A text is not
// copied and must outlive the needle.
class CompactNeedle {
 public:
  explicit CompactNeedle(std::string_view text);
  explicit CompactNeedle(int64_t integer) { SetInteger(integer); }
  // As an element of some block, whose text must live on.
  explicit CompactNeedle(const CompactElement& element) {
    element.is_integer ? SetInteger(element.integer) : SetText(element.text);
  }

  bool is_integer() const { return head_[0] > 0x70; }
  // Only of an integer.
  int64_t integer() const;
  // Of the text, an integer's digits included.
  size_t text_bytes() const {
    return is_integer() ? DecimalText(integer()).view().size() : tail_.size();
  }
  uint32_t size_bytes() const { return head_bytes_ + static_cast<uint32_t>(tail_.size()); }
  // What CompactView::Hash says of an equal element.
  uint64_t Hash(uint64_t seed) const;
  // Whether the element that begins at `encoded` is this one; it has at least one byte.
  bool Is(const uint8_t* encoded, uint32_t encoded_bytes) const {
    return encoded[0] == head_[0] && encoded_bytes == size_bytes() &&
           std::memcmp(encoded, head_.data(), head_bytes_) == 0 &&
           std::memcmp(encoded + head_bytes_, tail_.data(), tail_.size()) == 0;
  }
  void WriteTo(uint8_t* to) const {
    std::memcpy(to, head_.data(), head_bytes_);
    if (!tail_.empty()) std::memcpy(to + head_bytes_, tail_.data(), tail_.size());
  }

 private:
  void SetInteger(int64_t integer);
  void SetText(std::string_view text);

  std::array<uint8_t, 9> head_{};
  uint32_t head_bytes_ = 0;
  std::string_view tail_ = std::string_view("", 0);
};

// What a CompactBlock's pointer leads to. Only this file's classes look inside.
struct [[gnu::packed]] CompactHeader {
  uint32_t refs;
  uint32_t size_bytes;  // of all elements
  uint32_t count;
  uint8_t tag;
};

// Reads a block. Made from the stored pointer, which may be null: an empty block.
class CompactView {
 public:
  using Place = uint32_t;

  CompactView() = default;
  explicit CompactView(const void* block) : header_(static_cast<const CompactHeader*>(block)) {}

  uint32_t count() const { return header_ == nullptr ? 0 : header_->count; }
  uint32_t size_bytes() const { return header_ == nullptr ? 0 : header_->size_bytes; }
  uint8_t tag() const { return header_ == nullptr ? 0 : header_->tag; }
  // What the block costs the allocator.
  size_t allocated_bytes() const;

  Place Begin() const { return 0; }
  Place End() const { return size_bytes(); }
  // The place behind the element at `at`, which is not the end.
  Place Next(Place at) const { return at + ElementBytes(data() + at); }
  // The place `steps` elements further; there must be so many.
  Place Skip(Place at, uint32_t steps) const {
    for (; steps > 0; --steps) at = Next(at);
    return at;
  }
  // The place of the element with this index, at most count(). O(index).
  Place At(uint32_t index) const { return Skip(Begin(), index); }
  // The last element, of a block that has one; the one before `at`, which is not the first. O(n).
  Place Last() const { return Before(End()); }
  Place Before(Place at) const;
  // Writes all places in order; `places` has room for count() of them.
  void Places(Place* places) const;

  CompactElement Get(Place at) const;
  // Equal elements have equal hashes.
  uint64_t Hash(Place at, uint64_t seed) const;
  bool Is(Place at, const CompactNeedle& needle) const {
    return needle.Is(data() + at, Next(at) - at);
  }
  // The first of the elements at `from`, `from` + stride elements, … that equals the needle; the
  // end if none does. The number of elements from `from` on must be a multiple of stride.
  Place Find(const CompactNeedle& needle, Place from = 0, uint32_t stride = 1) const;

  // Walks the block and crashes on a broken invariant.
  void CheckInvariants() const;

 private:
  friend class CompactBlock;
  // Of an empty block a number and no address: nothing is read there.
  const uint8_t* data() const {
    return reinterpret_cast<const uint8_t*>(reinterpret_cast<uintptr_t>(header_) +
                                            sizeof(CompactHeader));
  }
  static uint32_t ElementBytes(const uint8_t* element) {
    const uint8_t tag = element[0];
    if (tag <= 0x5f) return tag + 1U;
    if (tag >= 0x80) return 1;
    return LongElementBytes(element);
  }
  static uint32_t LongElementBytes(const uint8_t* element);

  const CompactHeader* header_ = nullptr;
};

// Owns a block, or one reference to a shared one.
class CompactBlock {
 public:
  using Place = CompactView::Place;
  // One element's bytes, and those of a whole block: beyond, a write crashes, so whoever takes
  // sizes from outside checks first.
  static constexpr uint32_t kElementBytesMax = 1U << 30;
  static constexpr uint32_t kBytesMax = 3U << 30;

  CompactBlock() = default;
  // Takes over what Release gave.
  static CompactBlock Adopt(void* block) {
    CompactBlock out;
    out.header_ = static_cast<CompactHeader*>(block);
    return out;
  }
  void* Release() { return std::exchange(header_, nullptr); }
  CompactBlock(CompactBlock&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  CompactBlock& operator=(CompactBlock&& other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~CompactBlock() { ReleaseBlock(header_); }
  CompactBlock Clone() const {
    RetainBlock(header_);
    return Adopt(header_);
  }
  // Asks for as much of a block as a search is likely to read.
  static void PrefetchBlock(const void* block) {
    constexpr size_t kLineBytes = 64;
    constexpr size_t kLines = 4;
    for (size_t i = 0; i < kLines; ++i) {
      PrefetchLine(static_cast<const char*>(block) + i * kLineBytes);
    }
  }
  // One reference more or less to a stored pointer, which may be null.
  static void RetainBlock(void* block) {
    if (block != nullptr) ShareCount::Add(RefsOf(block));
  }
  static void ReleaseBlock(void* block);
  // Where the count stands: the header's fields are packed, but the first is aligned.
  static uint32_t& RefsOf(void* block) { return *static_cast<uint32_t*>(block); }

  CompactView view() const { return CompactView(header_); }
  bool HasRoom(size_t added_bytes) const { return added_bytes <= kBytesMax - view().size_bytes(); }

  void set_tag(uint8_t tag);
  // Puts an element before the one at `at`, or at the end. The needle's text may not view this
  // block.
  void Insert(Place at, const CompactNeedle& needle) {
    needle.WriteTo(Splice(at, 0, needle.size_bytes(), 1));
  }
  void Append(const CompactNeedle& needle) { Insert(view().End(), needle); }
  // Several elements at once, in this order.
  template <class... Needles>
  void InsertAll(Place at, const Needles&... needles) {
    uint8_t* to = Splice(at, 0, (needles.size_bytes() + ...), sizeof...(needles));
    ((needles.WriteTo(to), to += needles.size_bytes()), ...);
  }
  // A block with a tag that begins with these elements, in one allocation.
  template <class... Needles>
  static CompactBlock New(uint8_t tag, const Needles&... needles) {
    CompactBlock block;
    block.InsertAll(0, needles...);
    block.header_->tag = tag;
    return block;
  }
  // Puts another element in the place of this one.
  void Replace(Place at, const CompactNeedle& needle) {
    needle.WriteTo(Splice(at, view().Next(at) - at, needle.size_bytes(), 0));
  }
  // Removes the element at `at`; or `count` elements, those from `from` up to `to`.
  void Erase(Place at) { Erase(at, view().Next(at), 1); }
  void Erase(Place from, Place to, uint32_t count) {
    Splice(from, to - from, 0, -static_cast<int32_t>(count));
  }
  // Puts `count` elements of another block, those from `from` up to `to`, before the one at `at`.
  void InsertRange(Place at, CompactView other, Place from, Place to, uint32_t count) {
    uint8_t* const gap = Splice(at, 0, to - from, static_cast<int32_t>(count));
    if (to > from) std::memcpy(gap, other.data() + from, to - from);
  }
  void AppendRange(CompactView other, Place from, Place to, uint32_t count) {
    InsertRange(view().End(), other, from, to, count);
  }
  struct Range {
    Place from;
    Place to;
  };
  // Several ranges of another block, of `count` elements together, in one go.
  void AppendRanges(CompactView other, std::span<const Range> ranges, uint32_t count);

 private:
  // Puts `added` bytes in the place of `removed` ones and returns where they must be written. What
  // every write is made of: the block is its own afterwards.
  uint8_t* Splice(Place at, uint32_t removed, uint32_t added, int32_t count_change);
  uint8_t* SpliceShared(Place at, uint32_t removed, uint32_t added);
  void Resize(uint32_t old_size, uint32_t new_size);
  uint8_t* data() { return reinterpret_cast<uint8_t*>(header_) + sizeof(CompactHeader); }

  CompactHeader* header_ = nullptr;
};

}  // namespace torc
