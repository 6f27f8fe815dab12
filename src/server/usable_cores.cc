#include "server/usable_cores.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#include "base/text.h"

namespace torc {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Limits of the group and of those it lies in, as the unified hierarchy ("0::/path") names them.
size_t WithinGroups(size_t cores) {
  std::string path = FirstLine("/proc/self/cgroup");
  path = StartsWith(path, "0::") ? path.substr(3) : "/";
  while (true) {
    cores = CoresWithin(FirstLine("/sys/fs/cgroup" + path + "/cpu.max"), cores);
    const size_t slash = path.rfind('/');
    if (path.size() <= 1 || slash == std::string::npos) return cores;
    path.resize(std::max<size_t>(slash, 1));
  }
}

}  // namespace

size_t CoresWithin(std::string_view cpu_max, size_t cores) {
  const auto words = Split(cpu_max, ' ');
  if (words.size() != 2) return cores;
  const auto quota_us = ParseUint64(words[0]);
  const auto period_us = ParseUint64(words[1]);
  if (!quota_us || !period_us || *period_us == 0) return cores;
  const size_t allowed = (*quota_us + *period_us - 1) / *period_us;
  return std::clamp<size_t>(allowed, 1, cores);
}

void PinToCore(size_t index) {
  // The process's first thread is asked, because this one may be bound already.
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(getpid(), sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) == 0)
    return;
  size_t left = index % static_cast<size_t>(CPU_COUNT(&allowed));
  for (size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed) || left-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    sched_setaffinity(0, sizeof(one), &one);
    return;
  }
}

size_t UsableCores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  size_t cores = std::max(std::thread::hardware_concurrency(), 1U);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    cores = std::max<size_t>(static_cast<size_t>(CPU_COUNT(&allowed)), 1);
  }
  return WithinGroups(cores);
}

}  // namespace torc
