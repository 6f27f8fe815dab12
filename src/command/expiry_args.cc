#include "command/expiry_args.h"

#include "base/text.h"
#include "resp/errors.h"

namespace torc {

std::optional<ExpiryArg> TakeExpiry(ArgCursor& args) {
  struct Option {
    std::string_view word;
    ExpiryUnit unit;
  };
  static constexpr Option kOptions[] = {{"EX", ExpiryUnit::kSecondsFromNow},
                                        {"PX", ExpiryUnit::kMsFromNow},
                                        {"EXAT", ExpiryUnit::kUnixSeconds},
                                        {"PXAT", ExpiryUnit::kUnixMs}};
  for (const Option& option : kOptions) {
    if (args.TakeWith(option.word, 1)) return ExpiryArg{option.unit, args.Next()};
  }
  return std::nullopt;
}

std::optional<int64_t> DeadlineFrom(int64_t value, ExpiryUnit unit, UnixMs now) {
  int64_t ms = value;
  const bool seconds = unit == ExpiryUnit::kSecondsFromNow || unit == ExpiryUnit::kUnixSeconds;
  if (seconds && __builtin_mul_overflow(value, int64_t{1000}, &ms)) return std::nullopt;
  const bool relative = unit == ExpiryUnit::kSecondsFromNow || unit == ExpiryUnit::kMsFromNow;
  if (relative && __builtin_add_overflow(ms, now.value(), &ms)) return std::nullopt;
  return ms;
}

int64_t DeadlineMs(const ExpiryArg& arg, UnixMs now, std::string_view command, ArgCursor& args) {
  const auto value = ParseInt64(arg.text);
  if (!value) {
    args.Fail(errors::kNotInteger);
    return 0;
  }
  const auto deadline = *value > 0 ? DeadlineFrom(*value, arg.unit, now) : std::nullopt;
  if (!deadline) args.Fail(errors::InvalidExpireTime(command));
  return deadline.value_or(0);
}

}  // namespace torc
