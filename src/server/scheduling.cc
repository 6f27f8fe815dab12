#include "server/scheduling.h"

#include <linux/types.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace torc {
namespace {

// The shortest that Linux takes.
constexpr __u64 kSliceNs = 100'000;

// sched_setattr(2): Debian's libc has neither the call nor the structure.
struct SchedulingAttributes {
  __u32 size;
  __u32 policy;
  __u64 flags;
  __s32 niceness;
  __u32 priority;
  __u64 runtime_ns;
  __u64 deadline_ns;
  __u64 period_ns;
};

}  // namespace

void PreferPromptWakeUps() {
  SchedulingAttributes attributes{};
  attributes.size = sizeof(attributes);
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.runtime_ns = kSliceNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

void WorkInBackground(const char* name, int niceness) {
  pthread_setname_np(pthread_self(), name);
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
}

}  // namespace torc
