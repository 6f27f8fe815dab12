#pragma once

// Where a loop's streams read into when their owners have no better place: bytes of one turn,
// packed one connection behind the other, forgotten together when the turn ends.
//
// A reader is offered a large chunk, because nobody knows how much will come, and the next one is
// offered what begins behind the bytes that did come. So fifty small requests lie in fifty
// neighbouring cache lines, an idle connection holds no memory at all, and nothing is copied unless
// a request is left unfinished. (Refused: one chunk per connection, which touches a page each and
// makes their fronts fight for the same cache sets.)

#include <cstddef>
#include <span>
#include <vector>

namespace torc {

class ReadArena {
 public:
  static constexpr size_t kRegionBytes = size_t{256} << 10;
  static constexpr size_t kOfferBytesMin = size_t{16} << 10;
  static constexpr size_t kOfferBytesMax = size_t{64} << 10;

  // `bytes_max` bounds what one turn may take; rounded up to whole regions.
  explicit ReadArena(size_t bytes_max = size_t{16} << 20);
  ~ReadArena();
  ReadArena(const ReadArena&) = delete;
  ReadArena& operator=(const ReadArena&) = delete;

  // Room for a read: between `bytes_min` and kOfferBytesMax bytes, or none when the bound is
  // reached. An offer is void at the next one.
  std::span<char> Offer(size_t bytes_min = kOfferBytesMin);
  // The first n bytes of the last offer hold data now and stay until Reset().
  void Take(size_t n);
  // The bytes taken so far.
  struct Mark {
    size_t region = 0;
    size_t at = 0;
  };
  Mark mark() const { return {region_, at_}; }
  // Forgets all bytes taken since the mark.
  void ResetTo(const Mark& mark) {
    region_ = mark.region;
    at_ = mark.at;
  }
  // Forgets all bytes; keeps a few regions for the next turn.
  void Reset();
  // Bytes the arena holds from the allocator.
  size_t allocated_bytes() const { return regions_.size() * kRegionBytes; }

 private:
  static constexpr size_t kLineBytes = 64;
  static constexpr size_t kKeptRegionsMax = 4;

  size_t regions_max_;
  std::vector<char*> regions_;
  size_t region_ = 0;  // index of the region offers come from; may be regions_.size()
  size_t at_ = 0;      // its first free byte
};

}  // namespace torc
