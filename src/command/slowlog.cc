#include "command/slowlog.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace torc {
namespace {

std::string Shortened(std::string_view arg) {
  if (arg.size() <= Slowlog::kArgBytesMax) return std::string(arg);
  return std::string(arg.substr(0, Slowlog::kArgBytesMax)) +
         Format("... (%zu more bytes)", arg.size() - Slowlog::kArgBytesMax);
}

}  // namespace

void Slowlog::Add(Argv argv, uint64_t redacted_args, int64_t unix_time_s, int64_t duration_us,
                  std::string client_address, std::string client_name) {
  SlowlogEntry entry{
      next_id_++, unix_time_s, duration_us, {}, std::move(client_address), std::move(client_name)};
  const size_t shown = argv.size() > kArgsMax ? kArgsMax - 1 : argv.size();
  for (size_t i = 0; i < shown; ++i) {
    const bool secret = (redacted_args >> std::min<size_t>(i, 63) & 1) != 0;
    entry.args.push_back(secret ? "(redacted)" : Shortened(argv[i]));
  }
  if (shown < argv.size()) {
    entry.args.push_back(Format("... (%zu more arguments)", argv.size() - shown));
  }
  entries_.push_front(std::move(entry));
  Trim();
}

void Slowlog::Trim() {
  const auto length_max = static_cast<size_t>(std::max<int64_t>(options_->length_max, 0));
  while (entries_.size() > length_max) entries_.pop_back();
}

void Slowlog::TakeFrom(Slowlog& other) {
  for (auto entry = other.entries_.rbegin(); entry != other.entries_.rend(); ++entry) {
    entry->id = next_id_++;
    entries_.push_front(std::move(*entry));
  }
  other.entries_.clear();
  Trim();
}

}  // namespace torc
