#include "command/info.h"

namespace torc {

std::string InfoSections::Text(const std::vector<std::string_view>& names) const {
  bool all = false;
  bool by_default = names.empty();
  for (const std::string_view name : names) {
    all |= EqualsIgnoreCase(name, "all") || EqualsIgnoreCase(name, "everything");
    by_default |= EqualsIgnoreCase(name, "default");
  }
  std::string out;
  for (const Section& section : sections_) {
    bool wanted = (all && section.shown != Shown::kOnlyByName) ||
                  (by_default && section.shown == Shown::kByDefault);
    for (const std::string_view name : names) wanted |= EqualsIgnoreCase(name, section.name);
    if (!wanted) continue;
    std::string fields;
    InfoWriter writer(&fields);
    for (const Write& write : section.writes) write(writer);
    if (fields.empty() && section.shown == Shown::kWhenFilled) continue;
    if (!out.empty()) out += "\r\n";
    std::string title = section.name;
    title[0] = ToUpper(title[0]);
    if (title == "Cpu") title = "CPU";
    out += "# " + title + "\r\n" + fields;
  }
  return out;
}

}  // namespace torc
