#pragma once

// Splits an inline command into words, with Redis's quoting: "…" with \xHH, \n, \r, \t, \b, \a and
// any other escaped byte as itself; '…' with \' only; a quote may begin within a word, and a
// closing one must be followed by a blank or the end.

#include <string_view>

#include "resp/request_batch.h"

namespace torc {

// Appends the words of `line` to batch->args: views into the line, or into batch->scratch where
// quoting had to be undone. False when quotes are unbalanced; what was appended until then stays.
bool SplitInlineArgs(std::string_view line, RequestBatch* batch);

}  // namespace torc
