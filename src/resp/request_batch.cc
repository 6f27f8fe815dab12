#include "resp/request_batch.h"

namespace torc {

void RequestBatch::Clear() {
  args.clear();
  commands.clear();
  scratch.clear();
  if (args.capacity() > kKeptArgsMax) std::vector<std::string_view>().swap(args);
}

}  // namespace torc
