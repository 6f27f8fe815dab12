#include "server/machine_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace torc {
namespace {

// A limit file's number; 0 if there is no such file or it holds "max".
size_t ReadLimit(const std::string& path) {
  unsigned long long limit_bytes = 0;
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%llu", &limit_bytes) != 1) limit_bytes = 0;
  std::fclose(file);
  return limit_bytes;
}

// The process's own group under `hierarchy` ("0::" or the line with "memory"), as the kernel names
// it; in a container usually "/".
std::string GroupPath(const char* controller) {
  std::string path;
  std::FILE* file = std::fopen("/proc/self/cgroup", "r");
  if (file == nullptr) return path;
  char line[4096];
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    const std::string text(line);
    const size_t first = text.find(':');
    const size_t second = first == std::string::npos ? first : text.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (text.substr(first + 1, second - first - 1) != controller) continue;
    path = text.substr(second + 1);
    while (!path.empty() && (path.back() == '\n' || path.back() == '/')) path.pop_back();
  }
  std::fclose(file);
  return path;
}

size_t Lower(size_t a, size_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

size_t MachineMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  size_t bytes = pages > 0 && page_bytes > 0
                     ? static_cast<size_t>(pages) * static_cast<size_t>(page_bytes)
                     : 0;
  const std::string unified = "/sys/fs/cgroup";
  const std::string own = GroupPath("");
  bytes = Lower(bytes, ReadLimit(unified + "/memory.max"));
  if (!own.empty()) bytes = Lower(bytes, ReadLimit(unified + own + "/memory.max"));
  const std::string memory = "/sys/fs/cgroup/memory";
  const std::string own_memory = GroupPath("memory");
  bytes = Lower(bytes, ReadLimit(memory + "/memory.limit_in_bytes"));
  if (!own_memory.empty()) {
    bytes = Lower(bytes, ReadLimit(memory + own_memory + "/memory.limit_in_bytes"));
  }
  return bytes;
}

}  // namespace torc
