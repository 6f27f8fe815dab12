#include "base/buffer.h"

#include <algorithm>

#include "base/memory.h"

namespace torc {
namespace {

constexpr size_t kBlockBytesMin = 64;
// Doubling up to here, then by half: a large reply should not hold twice its size.
constexpr size_t kDoublingBytesMax = size_t{1} << 20;

size_t GrownBytes(size_t capacity_bytes) {
  return capacity_bytes <= kDoublingBytesMax ? capacity_bytes * 2
                                             : capacity_bytes + capacity_bytes / 2;
}

}  // namespace

void Buffer::Release() {
  Free(block_);
  block_ = nullptr;
  begin_ = end_ = 0;
}

void Buffer::MakeRoom(size_t n) {
  const size_t live = size();
  TORC_CHECK(n <= SIZE_MAX / 2 - live, "buffer size fits in memory");
  const bool mostly_consumed = begin_ >= live;
  if (mostly_consumed && block_ != nullptr && live + n <= capacity()) {
    std::memmove(bytes(), bytes() + begin_, live);
    begin_ = 0;
    end_ = live;
    return;
  }
  const size_t wanted = std::max({live + n, live == 0 ? 0 : GrownBytes(live), kBlockBytesMin});
  const size_t block_bytes = AllocationSize(wanted + kHeaderBytes);
  if (begin_ == 0 && block_ != nullptr && live > 0) {
    block_ = static_cast<char*>(Reallocate(block_, block_bytes));
  } else {
    auto* fresh = static_cast<char*>(Allocate(block_bytes));
    if (live > 0) std::memcpy(fresh + kHeaderBytes, data(), live);
    Free(block_);
    block_ = fresh;
    begin_ = 0;
    end_ = live;
  }
  StoreLe(block_, block_bytes - kHeaderBytes);
}

}  // namespace torc
