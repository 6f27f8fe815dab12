#pragma once

// Fields of Redis's INFO that describe its inner life, for tools that read them unasked; and where
// the server listens.

#include <cstdint>

#include "command/info.h"
#include "server/server_options.h"

namespace torc {

// "listener0:name=tcp,bind=127.0.0.1,port=6379", and so on for Unix sockets and TLS.
void WriteListeners(InfoWriter& out, const ServerOptions& options, int64_t tls_port);
// Of the section "server".
void WriteClocks(InfoWriter& out, int64_t unix_ms);
// Of the section "stats": what does not exist here has happened zero times.
void WriteAbsentStats(InfoWriter& out);

}  // namespace torc
