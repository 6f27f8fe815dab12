#pragma once

// What BY and GET name: another key, made from an element, or a field of a hash at such a key.

#include <optional>
#include <string>
#include <string_view>

#include "command/context.h"

namespace torc {

// "weight_*", "object_*->field", or "#" for the element itself. The first '*' stands for the
// element. A field follows the first "->" behind it, if anything follows that.
class SortPattern {
 public:
  explicit SortPattern(std::string_view pattern);  // which must outlive it

  // Without a '*' it names the same for every element: SORT then looks nothing up.
  bool constant() const { return constant_; }
  // The text it names for this element: nothing if the key or the field is not there, or is of
  // another type. Counts a hit or a miss.
  std::optional<std::string> Lookup(CommandContext& context, std::string_view element) const;

 private:
  std::string_view prefix_;
  std::string_view postfix_;
  std::string_view field_;  // empty: the key holds a string
  bool constant_ = false;
  bool itself_ = false;
};

}  // namespace torc
