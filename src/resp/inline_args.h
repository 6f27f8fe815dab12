#pragma once

// Splits an inline command into words; base/word_reader.h has the rules of quoting.

#include <string_view>

#include "resp/request_batch.h"

namespace torc {

// Appends the words of `line` to batch->args: views into the line, or into batch->scratch where
// quoting had to be undone. False when quotes are unbalanced; what was appended until then stays.
bool SplitInlineArgs(std::string_view line, RequestBatch* batch);

}  // namespace torc
