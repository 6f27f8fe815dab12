#include "support/resp_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/text.h"

namespace torc::testing {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;  // of a simple string, an error or a number

// Decimal digits only, for lengths: Redis writes no sign and no leading zeros there.
std::optional<uint64_t> ParseLength(std::string_view digits) {
  return ParseUint64(digits);
}

bool IsAggregateType(RespType type) {
  switch (type) {
    case RespType::kArray:
    case RespType::kMap:
    case RespType::kSet:
    case RespType::kAttribute:
    case RespType::kPush:
      return true;
    default:
      return false;
  }
}

bool HasPairs(char type) {
  return type == '%' || type == '|';
}

// RESP3 doubles: a decimal form, or inf, -inf, nan.
std::optional<double> ParseRespDouble(std::string_view text) {
  if (text == "nan" || text == "-nan") return std::strtod("nan", nullptr);
  if (text.find_first_of("xX") != std::string_view::npos) return std::nullopt;
  return ParseDouble(text);
}

bool IsBigNumber(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool ValidLine(char type, std::string_view line) {
  switch (type) {
    case '+':
    case '-':
      return line.find_first_of("\r\n") == std::string_view::npos;
    case ':':
      return ParseInt64(line).has_value();
    case '_':
      return line.empty();
    case ',':
      return ParseRespDouble(line).has_value();
    case '#':
      return line == "t" || line == "f";
    case '(':
      return IsBigNumber(line);
    default:
      return false;
  }
}

}  // namespace

bool RespValue::IsAggregate() const {
  return IsAggregateType(type);
}

bool RespValue::Is(std::string_view expected) const {
  const bool is_string =
      type == RespType::kSimple || type == RespType::kBulk || type == RespType::kVerbatim;
  return is_string && !is_null && text == expected;
}

bool RespValue::IsInteger(int64_t expected) const {
  return type == RespType::kInteger && integer == expected;
}

const RespValue* RespValue::Find(std::string_view key) const {
  if (!IsAggregate()) return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].Is(key)) return &items[i + 1];
  }
  return nullptr;
}

const RespValue& RespValue::At(std::string_view key) const {
  static const RespValue kAbsent = [] {
    RespValue value;
    value.is_null = true;
    return value;
  }();
  const RespValue* found = Find(key);
  return found == nullptr ? kAbsent : *found;
}

std::string RespValue::Print() const {
  if (is_null) return type == RespType::kNull ? "nil" : Format("nil(%c)", static_cast<char>(type));
  std::string out;
  if (!attributes.empty()) {
    out += "|";
    for (const auto& item : attributes) out += item.Print() + " ";
    out += "| ";
  }
  switch (type) {
    case RespType::kBulk:
      return out + "\"" + Escaped(text) + "\"";
    case RespType::kVerbatim:
      return out + "=" + verbatim_format + ":\"" + Escaped(text) + "\"";
    case RespType::kArray:
    case RespType::kMap:
    case RespType::kSet:
    case RespType::kPush:
    case RespType::kAttribute: {
      const bool array = type == RespType::kArray;
      if (!array) out += static_cast<char>(type);
      out += array ? "[" : "{";
      for (size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += HasPairs(static_cast<char>(type)) && i % 2 == 1 ? ": " : ", ";
        out += items[i].Print();
      }
      return out + (array ? "]" : "}");
    }
    default:
      return out + static_cast<char>(type) + Escaped(text);
  }
}

void RespScanner::Reset() {
  position_ = 0;
  missing_.clear();
  error_.clear();
}

RespScanner::Result RespScanner::Malformed(std::string what) {
  error_ = std::move(what);
  return Result::kMalformed;
}

RespScanner::Result RespScanner::Scan(std::string_view bytes) {
  if (!error_.empty()) return Result::kMalformed;
  for (;;) {
    const size_t open_before = missing_.size();
    const Result result = Element(bytes);
    if (result != Result::kComplete) return result;
    const bool opened = missing_.size() > open_before;
    if (!opened) {
      if (missing_.empty()) return Result::kComplete;
      --missing_.back();
    }
    CloseFinished();
    if (missing_.empty()) return Result::kComplete;
  }
}

// An aggregate whose last element is complete is itself one complete element of its parent.
void RespScanner::CloseFinished() {
  while (!missing_.empty() && missing_.back() == 0) {
    missing_.pop_back();
    if (!missing_.empty()) --missing_.back();
  }
}

RespScanner::Result RespScanner::Length(std::string_view line, bool may_be_null, uint64_t max,
                                        std::optional<uint64_t>* out) {
  out->reset();
  if (may_be_null && line == "-1") return Result::kComplete;
  const auto length = ParseLength(line);
  if (!length.has_value()) return Malformed("bad length '" + Escaped(line) + "'");
  if (*length > max) return Malformed("length beyond the limit: " + std::string(line));
  *out = length;
  return Result::kComplete;
}

RespScanner::Result RespScanner::Element(std::string_view bytes) {
  const std::string_view rest = bytes.substr(std::min(position_, bytes.size()));
  if (rest.empty()) return Result::kNeedMore;
  const size_t cr = rest.find('\r');
  if (cr == std::string_view::npos || cr + 1 >= rest.size()) {
    if (rest.size() > kLineBytesMax) return Malformed("line too long");
    if (rest.find('\n') < cr) return Malformed("LF without CR");
    return Result::kNeedMore;
  }
  if (rest[cr + 1] != '\n') return Malformed("CR without LF");
  const char type = rest[0];
  const std::string_view line = rest.substr(1, cr - 1);
  switch (type) {
    case '$':
    case '!':
    case '=':
      return Bulk(bytes, line, cr + 2);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      return Aggregate(type, line, cr + 2);
    default:
      if (!ValidLine(type, line))
        return Malformed("bad element '" + Escaped(rest.substr(0, cr)) + "'");
      position_ += cr + 2;
      return Result::kComplete;
  }
}

RespScanner::Result RespScanner::Bulk(std::string_view bytes, std::string_view line,
                                      size_t header_bytes) {
  const char type = bytes[position_];
  std::optional<uint64_t> length;
  const Result result = Length(line, type == '$', limits_.bulk_bytes_max, &length);
  if (result != Result::kComplete) return result;
  if (!length.has_value()) {
    position_ += header_bytes;
    return Result::kComplete;
  }
  const std::string_view body = bytes.substr(position_ + header_bytes);
  if (body.size() < *length + 2) return Result::kNeedMore;
  if (body.substr(*length, 2) != "\r\n") return Malformed("bulk not closed by CRLF");
  if (type == '=' && (*length < 4 || body[3] != ':'))
    return Malformed("verbatim without its format");
  position_ += header_bytes + *length + 2;
  return Result::kComplete;
}

RespScanner::Result RespScanner::Aggregate(char type, std::string_view line, size_t header_bytes) {
  std::optional<uint64_t> length;
  const Result result = Length(line, type == '*', limits_.items_max, &length);
  if (result != Result::kComplete) return result;
  position_ += header_bytes;
  if (!length.has_value()) return Result::kComplete;
  if (missing_.size() >= limits_.depth_max) return Malformed("nested too deeply");
  if (type == '|' || *length > 0) {
    // An attribute is its pairs and then the value they describe: one element for the parent.
    missing_.push_back(HasPairs(type) ? *length * 2 + (type == '|' ? 1 : 0) : *length);
  }
  return Result::kComplete;
}

namespace {

// Builds the tree over a frame that the scanner has found complete, so no length can lead outside.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view frame) : rest_(frame) {}

  RespValue Value() {
    std::vector<RespValue> attributes;
    while (rest_[0] == '|') {
      RespValue attribute = Plain();
      for (auto& item : attribute.items) attributes.push_back(std::move(item));
    }
    RespValue value = Plain();
    value.attributes = std::move(attributes);
    return value;
  }

 private:
  RespValue Plain() {
    RespValue value;
    value.type = static_cast<RespType>(rest_[0]);
    const size_t cr = rest_.find('\r');
    const std::string_view line = rest_.substr(1, cr - 1);
    rest_.remove_prefix(cr + 2);
    if (value.type == RespType::kBulk || value.type == RespType::kBulkError ||
        value.type == RespType::kVerbatim) {
      Bulk(line, &value);
    } else if (value.IsAggregate()) {
      Items(line, &value);
    } else {
      Line(line, &value);
    }
    return value;
  }

  void Bulk(std::string_view line, RespValue* value) {
    if (line == "-1") {
      value->is_null = true;
      return;
    }
    const size_t length = static_cast<size_t>(*ParseLength(line));
    value->text = rest_.substr(0, length);
    rest_.remove_prefix(length + 2);
    if (value->type == RespType::kVerbatim) {
      value->verbatim_format = value->text.substr(0, 3);
      value->text.erase(0, 4);
    }
  }

  void Items(std::string_view line, RespValue* value) {
    if (line == "-1") {
      value->is_null = true;
      return;
    }
    const uint64_t count = *ParseLength(line) * (HasPairs(static_cast<char>(value->type)) ? 2 : 1);
    for (uint64_t i = 0; i < count; ++i) value->items.push_back(Value());
  }

  void Line(std::string_view line, RespValue* value) {
    value->text = line;
    value->is_null = value->type == RespType::kNull;
    if (value->type == RespType::kInteger) value->integer = *ParseInt64(line);
    if (value->type == RespType::kBoolean) value->integer = line == "t" ? 1 : 0;
    if (value->type == RespType::kDouble) value->number = *ParseRespDouble(line);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<RespValue> ParseResp(std::string_view frame, std::string* error,
                                   const RespLimits& limits) {
  RespScanner scanner(limits);
  const auto result = scanner.Scan(frame);
  if (result == RespScanner::Result::kComplete && scanner.size_bytes() == frame.size()) {
    return TreeBuilder(frame).Value();
  }
  if (error != nullptr) {
    *error = result == RespScanner::Result::kMalformed  ? scanner.error()
             : result == RespScanner::Result::kNeedMore ? "incomplete"
                                                        : "bytes after the reply";
  }
  return std::nullopt;
}

void RespReader::Feed(std::string_view bytes) {
  if (begin_ > 0 && begin_ >= buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<RespValue> RespReader::Next() {
  if (malformed()) return std::nullopt;
  const auto result = scanner_.Scan(pending());
  if (result == RespScanner::Result::kMalformed) error_ = scanner_.error();
  if (result != RespScanner::Result::kComplete) return std::nullopt;
  const size_t size_bytes = scanner_.size_bytes();
  RespValue value = TreeBuilder(pending().substr(0, size_bytes)).Value();
  begin_ += size_bytes;
  scanner_.Reset();
  return value;
}

void AppendCommand(const std::vector<std::string>& args, std::string* out) {
  char digits[24];
  const auto append_header = [&](char lead, size_t count) {
    const auto end = std::to_chars(digits, digits + sizeof(digits), count).ptr;
    out->push_back(lead);
    out->append(digits, end);
    out->append("\r\n");
  };
  append_header('*', args.size());
  for (const auto& arg : args) {
    append_header('$', arg.size());
    out->append(arg);
    out->append("\r\n");
  }
}

std::string EncodeCommand(const std::vector<std::string>& args) {
  std::string out;
  AppendCommand(args, &out);
  return out;
}

}  // namespace torc::testing
