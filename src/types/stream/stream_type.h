#pragma once

// Streams for the rest of the system: the type's table, and its forms on disk.

#include <memory>

#include "store/type_ops.h"

namespace torc {

extern const TypeOps kStreamType;

// --- stream_codec.cc
uint8_t StreamRdbType(const Entry& entry);
void SaveStream(const Entry& entry, RdbWriter& writer);
std::unique_ptr<HeldValue> HoldStream(const Entry& entry);
// --- stream_load.cc
LoadedValue LoadStream(uint8_t rdb_type, RdbReader& reader, const ValueLimits& limits);
// --- stream_rebuild.cc
void RebuildStream(const Entry& entry, const CommandSink& emit);

}  // namespace torc
