#include "types/stream/stream_trim_args.h"

#include <algorithm>

#include "types/stream/stream_access.h"

namespace torc {

void StreamTrimArgs::TakeThreshold(ArgCursor& args, StreamTrim::By by) {
  if (given()) {
    return args.Fail(
        "ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  }
  trim_.by = by;
  if (args.remaining() >= 2 && args.Peek() == "~") {
    args.Next();
    trim_.approximate = true;
  } else if (args.remaining() >= 2 && args.Peek() == "=") {
    args.Next();
  }
  if (by == StreamTrim::By::kId) {
    trim_.id_min = TakeStreamId(args);
    return;
  }
  const int64_t length_max = args.Integer();
  if (length_max < 0) args.Fail("ERR The MAXLEN argument must be >= 0.");
  trim_.length_max = static_cast<uint64_t>(length_max);
}

bool StreamTrimArgs::Take(ArgCursor& args) {
  if (args.TakeWith("MAXLEN", 1)) {
    TakeThreshold(args, StreamTrim::By::kLength);
  } else if (args.TakeWith("MINID", 1)) {
    TakeThreshold(args, StreamTrim::By::kId);
  } else if (args.TakeWith("LIMIT", 1)) {
    const int64_t limit = args.Integer();
    if (limit < 0) args.Fail("ERR The LIMIT argument must be >= 0.");
    trim_.limit = static_cast<uint64_t>(limit);
    limit_given_ = true;
  } else {
    return false;
  }
  return true;
}

void StreamTrimArgs::Check(ArgCursor& args, Need need, const ValueLimits& limits) {
  constexpr int64_t kBlocksAtOnce = 100;
  constexpr int64_t kLimitUsual = 10'000;
  constexpr int64_t kLimitMax = 1'000'000;
  if (trim_.limit != 0 && !given()) {
    return args.Fail(
        "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (need == Need::kRequired && !given()) {
    return args.Fail("ERR syntax error, XTRIM must be called with a trimming strategy");
  }
  if (limit_given_ && !trim_.approximate) {
    return args.Fail("ERR syntax error, LIMIT cannot be used without the special ~ option");
  }
  if (limit_given_ || !trim_.approximate) return;
  const int64_t entries = std::min(limits.stream_node_entries, kLimitMax) * kBlocksAtOnce;
  trim_.limit = static_cast<uint64_t>(entries <= 0 ? kLimitUsual : std::min(entries, kLimitMax));
}

void AppendExactTrim(const StreamValue& stream, ReplayForm* form) {
  form->insert(form->end(), {"MAXLEN", "=", std::to_string(stream.length())});
}

}  // namespace torc
