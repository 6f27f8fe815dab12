#include "persist/log_note.h"

#include <algorithm>
#include <array>

#include "base/crc.h"
#include "base/text.h"

namespace torc {
namespace {

constexpr std::string_view kHeadTag = "#TORC:H 1 ";
constexpr std::string_view kBatchTag = "#TORC:B ";
constexpr std::string_view kDurableTag = "#TORC:D ";
constexpr std::string_view kTimeTag = "#TS:";
constexpr std::string_view kLineEnd = "\r\n";

template <typename T>
void AppendHex(std::string* out, T value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 4; shift >= 0; shift -= 4) {
    out->push_back(kDigits[(value >> shift) & 15]);
  }
}

template <typename T>
std::optional<T> ParseHex(std::string_view text) {
  if (text.size() != sizeof(T) * 2) return std::nullopt;
  T value = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return std::nullopt;
    value = static_cast<T>((value << 4) | static_cast<T>(digit ? c - '0' : c - 'a' + 10));
  }
  return value;
}

uint32_t Seal(uint64_t id, uint64_t durable_bytes) {
  std::string text;
  AppendHex(&text, id);
  text += DecimalText::Unsigned(durable_bytes).view();
  return Crc32c(0, text);
}

// Ends the line that begins at `from` with the checksum of all before.
void Finish(std::string* out, size_t from, uint32_t* crc) {
  const std::string_view line = std::string_view(*out).substr(from);
  const uint32_t before = Crc32c(*crc, line);
  const size_t crc_at = out->size();
  AppendHex(out, before);
  out->append(kLineEnd);
  *crc = Crc32c(before, std::string_view(*out).substr(crc_at));
}

// Words of a line, read from left to right; the first that does not parse spoils all.
class Words {
 public:
  explicit Words(std::string_view line) : line_(line) {}
  void Skip(size_t size_bytes) { at_ += size_bytes; }
  size_t at() const { return at_; }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && at_ == line_.size() + 1; }

  uint64_t Decimal() {
    const auto value = ParseUint64(Word());
    ok_ &= value.has_value();
    return value.value_or(0);
  }
  template <typename T>
  T Hex() {
    const auto value = ParseHex<T>(Word());
    ok_ &= value.has_value();
    return value.value_or(0);
  }

 private:
  std::string_view Word() {
    if (at_ > line_.size()) return {};
    const size_t end = std::min(line_.find(' ', at_), line_.size());
    const std::string_view word = line_.substr(at_, end - at_);
    at_ = end + 1;
    return word;
  }
  std::string_view line_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::optional<LogNote> ParseTime(std::string_view text) {
  const auto unix_s = ParseInt64(text.substr(kTimeTag.size()));
  if (!unix_s || *unix_s < 0) return std::nullopt;
  LogNote note;
  note.kind = LogNote::Kind::kTime;
  note.unix_s = *unix_s;
  return note;
}

}  // namespace

void AppendHead(std::string* out, uint64_t id, uint64_t position, uint32_t* crc) {
  const size_t from = out->size();
  out->append(kHeadTag);
  AppendHex(out, id);
  out->append(" ").append(DecimalText::Unsigned(position).view()).append(" ");
  Finish(out, from, crc);
}

void AppendBatchEnd(std::string* out, uint64_t position, uint32_t* crc) {
  const size_t from = out->size();
  out->append(kBatchTag).append(DecimalText::Unsigned(position).view()).append(" ");
  Finish(out, from, crc);
}

void AppendDurableMark(std::string* out, uint64_t id, uint64_t durable_bytes, uint32_t* crc) {
  const size_t from = out->size();
  out->append(kDurableTag).append(DecimalText::Unsigned(durable_bytes).view()).append(" ");
  AppendHex(out, Seal(id, durable_bytes));
  out->append(" ");
  Finish(out, from, crc);
}

void AppendTime(std::string* out, int64_t unix_s, uint32_t* crc) {
  const size_t from = out->size();
  out->append(kTimeTag).append(DecimalText(unix_s).view()).append(kLineEnd);
  *crc = Crc32c(*crc, std::string_view(*out).substr(from));
}

std::optional<LogNote> ParseNote(std::string_view line) {
  if (line.size() > kLogNoteBytesMax || !line.ends_with(kLineEnd)) return std::nullopt;
  const std::string_view text = line.substr(0, line.size() - kLineEnd.size());
  if (StartsWith(text, kTimeTag)) return ParseTime(text);
  LogNote note;
  Words words(text);
  if (StartsWith(text, kBatchTag)) {
    note.kind = LogNote::Kind::kBatch;
    words.Skip(kBatchTag.size());
    note.position = words.Decimal();
  } else if (StartsWith(text, kDurableTag)) {
    note.kind = LogNote::Kind::kDurable;
    words.Skip(kDurableTag.size());
    note.durable_bytes = words.Decimal();
    note.seal = words.Hex<uint32_t>();
  } else if (StartsWith(text, kHeadTag)) {
    note.kind = LogNote::Kind::kHead;
    words.Skip(kHeadTag.size());
    note.id = words.Hex<uint64_t>();
    note.position = words.Decimal();
  } else {
    return std::nullopt;
  }
  note.crc_at = words.at();
  note.crc = words.Hex<uint32_t>();
  if (!words.done()) return std::nullopt;
  return note;
}

bool NoteFits(const LogNote& note, std::string_view line, uint32_t crc) {
  return Crc32c(crc, line.substr(0, note.crc_at)) == note.crc;
}

bool SealFits(const LogNote& mark, uint64_t id) {
  return mark.seal == Seal(id, mark.durable_bytes);
}

uint64_t DurableExtent(std::string_view bytes, uint64_t offset, std::optional<uint64_t> id) {
  uint64_t extent = 0;
  for (size_t at = bytes.find(kDurableTag); at != std::string_view::npos;
       at = bytes.find(kDurableTag, at + 1)) {
    const std::string_view rest = bytes.substr(at, kLogNoteBytesMax);
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) continue;
    const auto note = ParseNote(rest.substr(0, end + 1));
    if (!note || note->durable_bytes > offset + at) continue;
    if (!id || SealFits(*note, *id)) extent = std::max(extent, note->durable_bytes);
  }
  return extent;
}

}  // namespace torc
