#pragma once

// The bytes of what replicas say to one another (FORMAT.md, section 3): the payload of a
// replication frame is a parcel, all that one node has to say to another in one turn. The frame
// around it names cluster, sender and receiver and is checked before any of this is read; here
// every length and count is bounded as well.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/group_table.h"

namespace torc {

// What the payload of a replication frame holds: its first byte.
enum class PayloadContent : uint8_t {
  kParcel = 1,
  kBootstrap = 2,
  kTopologyQuestion = 3,
  kTopologyAnswer = 4,
};

inline constexpr size_t kParcelMessagesMax = 16'384;
inline constexpr size_t kMessageEntriesMax = 4'096;
inline constexpr size_t kEntryBytesMax = 4 << 20;

// Appends the parcel's messages. Sender and receiver are the frame's, so are not repeated; `from`
// and `to` of the messages must agree with them.
void EncodeParcel(const Parcel& parcel, std::string* out);
// Nothing if the bytes are not exactly one parcel within the limits. A membership that an entry
// carries is decoded too, so that what is taken into a log is sound.
std::optional<Parcel> DecodeParcel(NodeId from, NodeId to, std::string_view bytes);

}  // namespace torc
