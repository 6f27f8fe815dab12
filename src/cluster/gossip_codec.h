#pragma once

// Gossip messages as bytes; FORMAT.md has the layout. Decoding trusts nothing: every length, count,
// kind, state and bit is checked, and what follows the end of the message makes it invalid.

#include <optional>
#include <string>
#include <string_view>

#include "cluster/gossip_types.h"

namespace torc {

// Bytes that the update takes in a message.
size_t EncodedBytes(const GossipUpdate& update);
// Bytes of the message without its updates.
size_t EncodedHeadBytes(const GossipMessage& message);

// Appends the message, which must keep its limits (kHostBytesMax, kGossipUpdatesMax).
void EncodeGossip(const GossipMessage& message, std::string* out);
// Nothing when the bytes are not exactly one valid message.
std::optional<GossipMessage> DecodeGossip(std::string_view bytes);

}  // namespace torc
