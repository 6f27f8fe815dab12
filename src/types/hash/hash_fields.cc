#include "types/hash/hash_fields.h"

#include <limits>

#include "base/text.h"
#include "resp/errors.h"

namespace torc {

Argv TakeFields(ArgCursor& args, size_t words_per_field, std::string_view bad_count) {
  if (!args.Take("FIELDS")) {
    args.Fail("ERR Mandatory argument FIELDS is missing or not at the right position");
    return {};
  }
  const int64_t count = args.IntegerIn(1, std::numeric_limits<int64_t>::max(), bad_count);
  if (!args.ok()) return {};
  const Argv rest = args.Rest();
  if (rest.size() % words_per_field != 0 ||
      static_cast<uint64_t>(count) != rest.size() / words_per_field) {
    args.Fail("ERR The `numfields` parameter must match the number of arguments");
  }
  return rest;
}

int64_t FieldDeadline(std::string_view text, ExpiryUnit unit, UnixMs now, std::string_view command,
                      ArgCursor& args) {
  const auto value = ParseInt64(text);
  if (!value) {
    args.Fail(errors::kNotInteger);
    return 0;
  }
  if (*value < 0) {
    args.Fail("ERR invalid expire time, must be >= 0");
    return 0;
  }
  const auto deadline_ms = DeadlineFrom(*value, unit, now);
  if (!deadline_ms || *deadline_ms > kFieldDeadlineMax) {
    args.Fail(errors::InvalidExpireTime(command));
    return 0;
  }
  return *deadline_ms;
}

void ReplayDelete(CommandContext& context, std::string_view key,
                  const std::vector<std::string_view>& fields) {
  if (!context.recording() || fields.empty()) return;
  ReplayForm form = {"HDEL", std::string(key)};
  form.insert(form.end(), fields.begin(), fields.end());
  context.Replay(std::move(form));
}

void ReplayDeadline(CommandContext& context, std::string_view key, int64_t deadline_ms,
                    const std::vector<std::string_view>& fields) {
  if (!context.recording() || fields.empty()) return;
  ReplayForm form = {"HPEXPIREAT", std::string(key), std::to_string(deadline_ms), "FIELDS",
                     std::to_string(fields.size())};
  form.insert(form.end(), fields.begin(), fields.end());
  context.Replay(std::move(form));
}

}  // namespace torc
