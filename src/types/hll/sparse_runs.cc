#include "types/hll/sparse_runs.h"

#include "base/text.h"

namespace torc {
namespace {

constexpr uint8_t kValueBit = 0x80;
constexpr uint8_t kLongZeroBit = 0x40;
constexpr uint32_t kShortZeroMax = 64;
constexpr uint32_t kValueRunMax = 4;
// How many runs, from the one before the change on, are looked at for neighbours to join.
constexpr int kJoinedRunsMax = 5;

// The run that covers a register, and the one before it.
struct Place {
  size_t at;
  size_t before;  // equal to at for the first run
  uint32_t first_index;
  SparseRun run;
};

std::optional<Place> FindRun(std::string_view runs, uint32_t index) {
  uint32_t first = 0;
  size_t before = 0;
  for (size_t at = 0; at < runs.size();) {
    const auto run = RunAt(runs, at);
    if (!run) return std::nullopt;
    if (index < first + run->length) return Place{at, before, first, *run};
    first += run->length;
    before = at;
    at += run->size_bytes;
  }
  return std::nullopt;
}

// What takes the place of a run once one of its registers has another value.
std::string Split(const Place& place, HllObservation observation) {
  std::string parts;
  const uint32_t left = observation.index - place.first_index;
  const uint32_t right = place.run.length - left - 1;
  if (left > 0) AppendRun({.value = place.run.value, .length = left}, &parts);
  AppendRun({.value = observation.count, .length = 1}, &parts);
  if (right > 0) AppendRun({.value = place.run.value, .length = right}, &parts);
  return parts;
}

// Joins neighbouring runs of one value around a change.
void Join(std::string* bytes, size_t at) {
  for (int looked_at = 0; looked_at < kJoinedRunsMax && at < bytes->size(); ++looked_at) {
    const auto run = RunAt(*bytes, at);
    if (!run) return;
    const auto next = RunAt(*bytes, at + run->size_bytes);
    if (run->value != 0 && next && next->value == run->value &&
        run->length + next->length <= kValueRunMax) {
      std::string joined;
      AppendRun({.value = run->value, .length = run->length + next->length}, &joined);
      bytes->replace(at, 2, joined);
    } else {
      at += run->size_bytes;
    }
  }
}

}  // namespace

std::optional<SparseRun> RunAt(std::string_view runs, size_t at) {
  if (at >= runs.size()) return std::nullopt;
  const auto byte = static_cast<uint8_t>(runs[at]);
  if ((byte & kValueBit) != 0) {
    return SparseRun{.value = static_cast<uint8_t>(((byte >> 2) & 31) + 1),
                     .length = (byte & 3U) + 1,
                     .size_bytes = 1};
  }
  const uint32_t low = byte & 63U;
  if ((byte & kLongZeroBit) == 0) return SparseRun{.length = low + 1, .size_bytes = 1};
  if (at + 1 >= runs.size()) return std::nullopt;
  return SparseRun{.length = (low << 8 | static_cast<uint8_t>(runs[at + 1])) + 1, .size_bytes = 2};
}

void AppendRun(const SparseRun& run, std::string* out) {
  const uint32_t less_one = run.length - 1;
  if (run.value != 0) {
    out->push_back(static_cast<char>(kValueBit | (run.value - 1U) << 2 | less_one));
  } else if (run.length <= kShortZeroMax) {
    out->push_back(static_cast<char>(less_one));
  } else {
    out->push_back(static_cast<char>(kLongZeroBit | less_one >> 8));
    out->push_back(static_cast<char>(less_one));
  }
}

RaiseResult RaiseInRuns(std::string* bytes, size_t from, HllObservation observation,
                        size_t bytes_max) {
  const auto place = FindRun(std::string_view(*bytes).substr(from), observation.index);
  if (!place) return RaiseResult::kCorrupt;
  if (place->run.value >= observation.count) return RaiseResult::kSame;
  const std::string parts = Split(*place, observation);
  if (parts.size() > place->run.size_bytes &&
      bytes->size() + parts.size() - place->run.size_bytes > bytes_max) {
    return RaiseResult::kTooLarge;
  }
  bytes->replace(from + place->at, place->run.size_bytes, parts);
  Join(bytes, from + place->before);
  return RaiseResult::kRaised;
}

std::string DescribeSparse(std::string_view bytes) {
  std::string text;
  const std::string_view runs = bytes.substr(kHllHeaderBytes);
  size_t at = 0;
  while (const auto run = RunAt(runs, at)) {
    if (at > 0) text += ' ';
    if (run->value != 0) {
      text += Format("v:%u,%u", unsigned{run->value}, run->length);
    } else {
      text += Format("%c:%u", run->size_bytes == 1 ? 'z' : 'Z', run->length);
    }
    at += run->size_bytes;
  }
  return text;
}

}  // namespace torc
