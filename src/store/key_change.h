#pragma once

// Which events of a key are changes to those who watch it or have it in a cache.

#include <algorithm>

#include "base/text.h"
#include "store/effects.h"

namespace torc {

// Not a miss, nor the news of a new key, which is a second event of the one change. Nor, as Redis
// has it, what is changed in a stream beside its entries: its groups and its last id.
inline bool ChangesKey(const KeyEvent& event, const Effect& effect) {
  switch (event.event_class) {
    case EventClass::kKeyMiss:
    case EventClass::kNew:
      return false;
    case EventClass::kStream:
      break;
    default:
      return true;
  }
  if (event.name == "xsetid") return false;
  if (!StartsWith(event.name, "xgroup-")) return true;
  // The one of these commands that may make a stream.
  constexpr size_t kOptionsAt = 5;
  if (event.name != "xgroup-create" || effect.args.size() <= kOptionsAt) return false;
  const auto options = effect.args.subspan(kOptionsAt);
  return std::any_of(options.begin(), options.end(),
                     [](auto word) { return EqualsIgnoreCase(word, "MKSTREAM"); });
}

}  // namespace torc
