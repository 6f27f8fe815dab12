#include "resp/reply_writer.h"

#include <algorithm>

#include "base/check.h"
#include "resp/double_text.h"

namespace torc {

void ReplyWriter::Line(char type, std::string_view text) {
  char* at = out_->Reserve(text.size() + 3);
  *at = type;
  if (!text.empty()) std::memcpy(at + 1, text.data(), text.size());
  WriteLineEnd(at + 1 + text.size());
  out_->Commit(text.size() + 3);
}

void ReplyWriter::Error(std::string_view text) {
  // As Redis does with a message that ends with what a client sent.
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  const size_t begin = out_->size() + 1;
  Line('-', text);
  char* const line = out_->data() + begin;
  std::replace_if(
      line, line + text.size(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
}

void ReplyWriter::NegativeInteger(int64_t value) {
  char* at = out_->Reserve(kHeaderBytesMax + 1);
  *at = ':';
  char* end = WriteLineEnd(WriteSignedDecimal(at + 1, value));
  out_->Commit(static_cast<size_t>(end - at));
}

void ReplyWriter::BulkInteger(int64_t value) {
  char digits[kDecimalBytesMax + 1];
  const char* end = WriteSignedDecimal(digits, value);
  Bulk({digits, static_cast<size_t>(end - digits)});
}

void ReplyWriter::Attribute(size_t pairs) {
  TORC_CHECK(protocol_ == 3, "attributes are sent under RESP3 only");
  Header('|', pairs);
}

void ReplyWriter::Double(double value) {
  const DoubleText text(value);
  protocol_ == 2 ? Bulk(text.view()) : Line(',', text.view());
}

void ReplyWriter::BigNumber(std::string_view digits) {
  protocol_ == 2 ? Bulk(digits) : Line('(', digits);
}

void ReplyWriter::Verbatim(std::string_view ext, std::string_view text) {
  TORC_DCHECK(ext.size() == 3, "a verbatim string says in three bytes what it is");
  if (protocol_ == 2) return Bulk(text);
  Header('=', text.size() + 4);
  Raw(ext);
  Raw(":");
  Raw(text);
  Literal("\r\n");
}

size_t ReplyWriter::Later() {
  const size_t mark = out_->size();
  out_->Reserve(kLaterBytes);
  out_->Commit(kLaterBytes);
  return mark;
}

void ReplyWriter::Close(size_t mark, char type, uint64_t count) {
  TORC_DCHECK(mark + kLaterBytes <= out_->size(),
              "a deferred length is closed where it was opened");
  char header[kHeaderBytesMax];
  header[0] = type;
  const char* end = WriteLineEnd(WriteDecimal(header + 1, count));
  const auto header_bytes = static_cast<size_t>(end - header);
  const size_t extra_bytes = header_bytes - kLaterBytes;
  if (extra_bytes > 0) {
    const size_t body_bytes = out_->size() - mark - kLaterBytes;
    out_->Reserve(extra_bytes);
    char* body = out_->data() + mark + kLaterBytes;
    std::memmove(body + extra_bytes, body, body_bytes);
    out_->Commit(extra_bytes);
  }
  std::memcpy(out_->data() + mark, header, header_bytes);
}

}  // namespace torc
