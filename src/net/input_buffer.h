#pragma once

// What a connection has received and not yet consumed, always as one contiguous view.
//
// As long as each turn's bytes are consumed within the turn they stay where they were read, in the
// loop's arena, and the connection holds nothing. Only when some are left at the end of the turn
// does Settle() copy them into a block of the connection's own; from then on reads go straight
// behind them (ReadTarget), until all is consumed and the block is given back. A large value is
// thus copied at most once from the socket, however many reads it takes.

#include <span>
#include <string_view>

#include "base/buffer.h"

namespace torc {

class InputBuffer {
 public:
  // Where the next read should go: none when nothing is kept, which means the arena.
  // `wanted_bytes`, if not 0, is what completes the value being read; room grows towards it as
  // bytes arrive, at most doubling, so that a client's claim alone takes no memory.
  std::span<char> ReadTarget(size_t wanted_bytes);
  // Bytes just read, into the target or elsewhere. Bytes elsewhere must stay until Settle().
  void Add(std::string_view bytes);

  // All unconsumed bytes. Dies at the next ReadTarget, Add, Consume or Settle.
  std::string_view bytes() const { return borrowed_.empty() ? own_.view() : borrowed_; }
  bool empty() const { return bytes().empty(); }
  // Drops n bytes from the front.
  void Consume(size_t n);
  // The turn ends: what is left no longer depends on the arena; without a rest no memory is kept.
  void Settle();

  // Bytes of the block of its own.
  size_t allocated_bytes() const { return own_.allocated_bytes(); }

 private:
  static constexpr size_t kTargetBytesMin = size_t{16} << 10;

  // At most one of the two is not empty.
  Buffer own_;
  std::string_view borrowed_;
};

}  // namespace torc
