#pragma once

// MAXLEN and MINID as XADD and XTRIM take them, with ~, = and LIMIT.

#include <cstdint>
#include <string_view>

#include "command/context.h"
#include "types/stream/stream.h"

namespace torc {

class StreamTrimArgs {
 public:
  // Takes an option of trimming if the next argument is one; errors are latched in the cursor.
  bool Take(ArgCursor& args);
  // Behind all options: refuses combinations that mean nothing. `required`: XTRIM's need.
  enum class Need : uint8_t { kOptional, kRequired };
  void Check(ArgCursor& args, Need need, const ValueLimits& limits);

  bool given() const { return trim_.by != StreamTrim::By::kNothing; }
  const StreamTrim& trim() const { return trim_; }

 private:
  void TakeThreshold(ArgCursor& args, StreamTrim::By by);

  StreamTrim trim_;
  bool limit_given_ = false;
};

// What trimmed this stream approximately, said exactly: "MAXLEN", "=", its length. By MINID too: a
// stream that became empty has no first id.
void AppendExactTrim(const StreamValue& stream, ReplayForm* form);

}  // namespace torc
