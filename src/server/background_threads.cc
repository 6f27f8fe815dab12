#include "server/background_threads.h"

#include <dirent.h>
#include <sys/resource.h>

#include <cstdlib>
#include <memory>
#include <set>

#include "base/memory.h"

namespace torc {
namespace {

constexpr int kLowestPriority = 19;

// The ids of all threads of this process, as the kernel numbers them.
std::set<id_t> ThreadIds() {
  std::set<id_t> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir("/proc/self/task"), &closedir);
  if (tasks == nullptr) return ids;
  while (const dirent* entry = readdir(tasks.get())) {
    if (const auto id = static_cast<id_t>(std::atoi(entry->d_name)); id != 0) ids.insert(id);
  }
  return ids;
}

}  // namespace

void StartAllocatorThread() {
  const std::set<id_t> before = ThreadIds();
  PurgeInBackground();
  for (const id_t id : ThreadIds()) {
    if (!before.contains(id)) setpriority(PRIO_PROCESS, id, kLowestPriority);
  }
}

}  // namespace torc
