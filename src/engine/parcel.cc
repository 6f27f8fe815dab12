#include "engine/parcel.h"

namespace torc {

void Parcel::Clear() {
  constexpr size_t kKeptBytesMax = size_t{32} << 10;  // some hundreds may wait for their next use
  kind = Kind::kRequests;
  requests.clear();
  arg_ends.clear();
  bytes.clear();
  if (bytes.capacity() > kKeptBytesMax) bytes.shrink_to_fit();
  served = 0;
  late = false;
  replies.Clear();
  if (replies.capacity() > kKeptBytesMax) replies.Release();
  log_position = 0;
  notices.clear();
}

}  // namespace torc
