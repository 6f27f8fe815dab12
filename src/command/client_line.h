#pragma once

// How CLIENT LIST and CLIENT INFO show one client.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "command/services.h"

namespace torc {

// One line without its end: "id=3 addr=127.0.0.1:5000 … lib-name= lib-ver=". `argument_bytes` is
// what the arguments of the client's running command take; 0 for a client that runs none.
std::string ClientLine(const Session& session, const Transport& transport, UnixMs now,
                       size_t argument_bytes);

// The kinds of clients that TYPE filters tell apart.
enum class ClientType : uint8_t { kNormal, kReplica, kPubsub, kMaster };
// "normal", "slave", "replica", "pubsub", "master" in any case.
std::optional<ClientType> ParseClientType(std::string_view name);
ClientType TypeOf(const Session& session);

}  // namespace torc
