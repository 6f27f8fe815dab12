#pragma once

// A growable run of bytes with a cheap front: what a connection reads into and writes out of.
//
//     block_ ─► | capacity (8 bytes) | consumed … | data … | free … |
//                                    0         begin_    end_   capacity
//
// 24 bytes in place and no block when empty, so that an idle connection costs nothing. The capacity
// sits in the block: it is needed once per append, next to bytes that are warm anyway. Consume()
// only moves an offset. The consumed room is won back when the buffer runs empty, or when a
// Reserve() that would not fit finds at least as many consumed bytes as live ones: then it moves
// the live ones down instead of growing. Every byte is thus moved O(1) times, however small the
// pieces a slow reader takes. (Refused: moving on each Consume, quadratic for a large reply drained
// in small writes; a ring, because parsers and write(2) want one contiguous view.)

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace torc {

class Buffer {
 public:
  Buffer() = default;
  ~Buffer() { Release(); }
  Buffer(Buffer&& other) noexcept { Swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      Release();
      Swap(other);
    }
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  // The live bytes. Pointers and views die at the next Reserve, Append, Clear, Release or
  // destruction.
  const char* data() const { return bytes() + begin_; }
  char* data() { return bytes() + begin_; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::string_view view() const { return {data(), size()}; }
  // Bytes of the block that could be live at once; 0 without a block.
  size_t capacity() const { return block_ == nullptr ? 0 : LoadLe<size_t>(block_); }
  // What the allocator holds for this buffer: what memory accounting counts.
  size_t allocated_bytes() const { return block_ == nullptr ? 0 : capacity() + kHeaderBytes; }

  void Append(std::string_view more) {
    if (more.empty()) return;
    std::memcpy(Reserve(more.size()), more.data(), more.size());
    end_ += more.size();
  }
  // At least n writable bytes right behind the live ones; they become live by Commit(). Amortised
  // O(1) per byte. Contents of the live bytes are kept, their address may change.
  char* Reserve(size_t n) {
    if (n > free_bytes()) [[unlikely]]
      MakeRoom(n);
    return bytes() + end_;
  }
  // Writable bytes behind the live ones without moving or allocating.
  size_t free_bytes() const { return capacity() - end_; }
  // The first n bytes written behind the live ones join them; n is at most what was reserved.
  void Commit(size_t n) {
    TORC_DCHECK(n <= free_bytes(), "commit within the reserved room");
    end_ += n;
  }
  // Drops n bytes from the front; n <= size(). O(1).
  void Consume(size_t n) {
    TORC_DCHECK(n <= size(), "consume no more than there is");
    begin_ += n;
    if (begin_ == end_) Clear();
  }
  // Keeps the first n bytes; n <= size().
  void Truncate(size_t n) {
    TORC_DCHECK(n <= size(), "truncation does not grow");
    end_ = begin_ + n;
  }
  // Drops the bytes and keeps the block.
  void Clear() { begin_ = end_ = 0; }
  // Drops the bytes and the block.
  void Release();
  void Swap(Buffer& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

 private:
  static constexpr size_t kHeaderBytes = sizeof(size_t);

  // Null plus nothing when there is no block: never dereferenced then.
  char* bytes() const { return block_ == nullptr ? nullptr : block_ + kHeaderBytes; }
  // Makes free_bytes() >= n: moves the live bytes down or takes a larger block.
  [[gnu::cold, gnu::noinline]] void MakeRoom(size_t n);

  char* block_ = nullptr;
  size_t begin_ = 0;  // offset of the first live byte
  size_t end_ = 0;    // offset behind the last; begin_ <= end_ <= capacity()
};

static_assert(sizeof(Buffer) <= 24);

}  // namespace torc
