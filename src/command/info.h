#pragma once

// INFO's sections: each room registers what it can tell. A section's writer adds "name:value"
// lines.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace torc {

class InfoWriter {
 public:
  explicit InfoWriter(std::string* out) : out_(out) {}
  void Field(std::string_view name, std::string_view value) {
    out_->append(name).append(":").append(value).append("\r\n");
  }
  void Field(std::string_view name, int64_t value) { Field(name, DecimalText(value).view()); }
  void Field(std::string_view name, uint64_t value) {
    Field(name, DecimalText::Unsigned(value).view());
  }
  void Field(std::string_view name, int value) { Field(name, int64_t{value}); }
  void Decimal(std::string_view name, double value, int digits = 2) {
    Field(name, Format("%.*f", digits, value));
  }

 private:
  std::string* out_;
};

class InfoSections {
 public:
  using Write = std::function<void(InfoWriter&)>;
  enum class Shown {
    kByDefault,
    kOnlyInAll,
    kWhenFilled,  // as kOnlyInAll, but only if there is anything to tell
    kOnlyByName,  // not even in "all"
  };

  // Sections appear in the order they are first added; several rooms may add to one section.
  void Add(std::string_view section, Shown shown, Write write) {
    for (Section& existing : sections_) {
      if (existing.name != section) continue;
      existing.writes.push_back(std::move(write));
      return;
    }
    sections_.push_back({std::string(section), shown, {}});
    sections_.back().writes.push_back(std::move(write));
  }
  // Text of the named sections ("default", "all", "everything" included; none given: default).
  std::string Text(const std::vector<std::string_view>& names) const;

 private:
  struct Section {
    std::string name;
    Shown shown;
    std::vector<Write> writes;
  };
  std::vector<Section> sections_;
};

}  // namespace torc
