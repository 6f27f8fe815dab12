#pragma once

// The bytes of a placement, as the topology log carries it (FORMAT.md, section 4). Neighbouring
// partitions with the same owners are written once.

#include <optional>
#include <string>
#include <string_view>

#include "cluster/placement.h"

namespace torc {

std::string EncodePlacement(const PlacementTable& table);
// Nothing if the bytes are not exactly one placement within the limits.
std::optional<PlacementTable> DecodePlacement(std::string_view bytes);

}  // namespace torc
