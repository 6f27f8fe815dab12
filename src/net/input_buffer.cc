#include "net/input_buffer.h"

#include <algorithm>

namespace torc {

std::span<char> InputBuffer::ReadTarget(size_t wanted_bytes) {
  if (own_.empty()) return {};
  const size_t step_bytes = std::max(own_.size(), kTargetBytesMin);
  const size_t room_bytes = wanted_bytes > 0 ? std::min(wanted_bytes, step_bytes) : kTargetBytesMin;
  char* const room = own_.Reserve(room_bytes);
  // Room that is there anyway takes what follows the value, too.
  return {room, own_.free_bytes()};
}

void InputBuffer::Add(std::string_view bytes) {
  if (bytes.empty()) return;
  if (own_.empty() && borrowed_.empty()) {
    borrowed_ = bytes;
    return;
  }
  const bool in_target = !own_.empty() && bytes.data() == own_.data() + own_.size();
  if (in_target) {
    own_.Commit(bytes.size());
    return;
  }
  Settle();
  own_.Append(bytes);
}

void InputBuffer::Consume(size_t n) {
  if (borrowed_.empty()) return own_.Consume(n);
  borrowed_.remove_prefix(n);
}

void InputBuffer::Settle() {
  if (!borrowed_.empty()) {
    own_.Append(borrowed_);
    borrowed_ = {};
  }
  if (own_.empty()) own_.Release();
}

}  // namespace torc
