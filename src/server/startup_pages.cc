#include "server/startup_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace torc {
namespace {

// Whether the loader may have written to code, or to constants.
bool HasTextRelocations(const dl_phdr_info& object) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object.dlpi_phdr[i];
    if (header.p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + header.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_TEXTREL) return true;
      if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
  }
  return false;
}

// What may be written to, relocated constants included, lies in segments that are writable.
int GiveBackObject(dl_phdr_info* object, size_t /*size_bytes*/, void* /*context*/) {
  const bool is_kernels = object->dlpi_addr != 0 && object->dlpi_name != nullptr &&
                          object->dlpi_name[0] == 'l';  // linux-vdso.so.1: no file behind it
  if (is_kernels || HasTextRelocations(*object)) return 0;
  const auto page_bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = object->dlpi_addr + header.p_vaddr;
    const uintptr_t first = begin & ~(page_bytes - 1);
    const uintptr_t end = (begin + header.p_filesz + page_bytes - 1) & ~(page_bytes - 1);
    madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void GiveBackStartupPages() {
  dl_iterate_phdr(GiveBackObject, nullptr);
}

}  // namespace torc
