#pragma once

// The commands of a log: RESP arrays of bulk strings, cut out of a window over a file.
//
// This is not the parser of requests: clients are read laxly, as Redis reads them (empty arrays,
// inline commands, any two bytes behind a bulk), and a log strictly, because laxness would hide
// damage. Everything here exists in one spelling only. A whole window lies in memory, so nothing
// needs to be remembered between calls.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "resp/request_batch.h"

namespace torc {

enum class RecordResult : uint8_t {
  kRecord,    // a command was appended to the batch
  kNote,      // a line that begins with '#'
  kNeedMore,  // the window ends within it
  kBad,       // neither
};

// Looks at the front of `window`, which is not empty. kRecord, kNote: *size_bytes is what it takes.
// kBad: how far it was right.
RecordResult NextRecord(std::string_view window, RequestBatch* batch, size_t* size_bytes);

}  // namespace torc
