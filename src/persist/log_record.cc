#include "persist/log_record.h"

#include <algorithm>

#include "persist/log_note.h"

namespace torc {
namespace {

constexpr uint64_t kArgsMax = uint64_t{1} << 31;
constexpr uint64_t kBulkBytesMax = uint64_t{1} << 40;

// Reads "<sign><number>\r\n" at *at. The number has no leading zeros and is at most `max`.
RecordResult ReadCount(std::string_view window, char sign, uint64_t max, size_t* at,
                       uint64_t* count) {
  size_t i = *at;
  const size_t end = window.size();
  if (i == end) return RecordResult::kNeedMore;
  if (window[i] != sign) return RecordResult::kBad;
  const size_t first = ++i;
  uint64_t value = 0;
  for (; i < end && window[i] >= '0' && window[i] <= '9'; ++i) {
    value = value * 10 + static_cast<uint64_t>(window[i] - '0');
    if (value > max || (i > first && window[first] == '0')) return RecordResult::kBad;
  }
  if (i == end) return RecordResult::kNeedMore;
  if (i == first || window[i] != '\r') return RecordResult::kBad;
  if (i + 1 == end) return RecordResult::kNeedMore;
  if (window[i + 1] != '\n') return RecordResult::kBad;
  *at = i + 2;
  *count = value;
  return RecordResult::kRecord;
}

RecordResult ReadBulk(std::string_view window, size_t* at, std::string_view* bulk) {
  uint64_t size_bytes = 0;
  size_t begin = *at;
  const RecordResult header = ReadCount(window, '$', kBulkBytesMax, &begin, &size_bytes);
  if (header != RecordResult::kRecord) return header;
  const size_t left = window.size() - begin;
  if (left < size_bytes + 2) {
    // The two bytes behind the bulk that are there already must be right.
    if (left == size_bytes + 1 && window[begin + size_bytes] != '\r') return RecordResult::kBad;
    return RecordResult::kNeedMore;
  }
  const size_t end = begin + static_cast<size_t>(size_bytes);
  if (window[end] != '\r' || window[end + 1] != '\n') return RecordResult::kBad;
  *bulk = window.substr(begin, static_cast<size_t>(size_bytes));
  *at = end + 2;
  return RecordResult::kRecord;
}

RecordResult ReadNoteLine(std::string_view window, size_t* size_bytes) {
  const size_t end = window.substr(0, kLogNoteBytesMax).find('\n');
  if (end == std::string_view::npos) {
    *size_bytes = 0;
    return window.size() < kLogNoteBytesMax ? RecordResult::kNeedMore : RecordResult::kBad;
  }
  *size_bytes = end + 1;
  return RecordResult::kNote;
}

}  // namespace

RecordResult NextRecord(std::string_view window, RequestBatch* batch, size_t* size_bytes) {
  if (window[0] == '#') return ReadNoteLine(window, size_bytes);
  size_t at = 0;
  uint64_t arg_count = 0;
  const size_t first_arg = batch->args.size();
  RecordResult result = ReadCount(window, '*', kArgsMax, &at, &arg_count);
  if (result == RecordResult::kRecord && arg_count == 0) result = RecordResult::kBad;
  for (uint64_t i = 0; i < arg_count && result == RecordResult::kRecord; ++i) {
    std::string_view bulk;
    result = ReadBulk(window, &at, &bulk);
    if (result == RecordResult::kRecord) batch->args.push_back(bulk);
  }
  *size_bytes = at;
  if (result != RecordResult::kRecord) {
    batch->args.resize(first_arg);
    return result;
  }
  batch->commands.push_back(
      {static_cast<uint32_t>(first_arg), static_cast<uint32_t>(arg_count), at});
  return RecordResult::kRecord;
}

}  // namespace torc
