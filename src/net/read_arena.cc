#include "net/read_arena.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"

namespace torc {

ReadArena::ReadArena(size_t bytes_max)
    : regions_max_(std::max<size_t>(1, (bytes_max + kRegionBytes - 1) / kRegionBytes)) {}

ReadArena::~ReadArena() {
  for (char* region : regions_) Free(region);
}

std::span<char> ReadArena::Offer(size_t bytes_min) {
  if (at_ + bytes_min > kRegionBytes) {
    ++region_;
    at_ = 0;
  }
  if (region_ == regions_.size()) {
    if (region_ == regions_max_) return {};
    regions_.push_back(static_cast<char*>(AllocateLines(kRegionBytes)));
  }
  return {regions_[region_] + at_, std::min(kOfferBytesMax, kRegionBytes - at_)};
}

void ReadArena::Take(size_t n) {
  TORC_DCHECK(at_ + n <= kRegionBytes, "no more is taken than was offered");
  at_ += (n + kLineBytes - 1) / kLineBytes * kLineBytes;
}

void ReadArena::Reset() {
  while (regions_.size() > kKeptRegionsMax) {
    Free(regions_.back());
    regions_.pop_back();
  }
  region_ = 0;
  at_ = 0;
}

}  // namespace torc
