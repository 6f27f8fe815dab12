#pragma once

// Writes RESP2 or RESP3 replies at the end of a Buffer. One writer per connection or per command:
// it is two words. What RESP2 has no word for becomes what Redis sends there: a map its flat array,
// a set or a push an array, a double, a big number or a verbatim text a bulk string, a bool :1 or
// :0.
//
// The caller writes what it announced: Array(3), then three replies. When the number is known only
// afterwards: `const size_t mark = w.ArrayLater(); … w.CloseArray(mark, count);`, innermost first.
// Marks are offsets from the buffer's front, so nothing may be consumed between the two calls.
// ArrayLater leaves room for a one-digit number; a longer one moves the body, which costs a memmove
// of what was written since.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/buffer.h"
#include "resp/decimal.h"

namespace torc {

class ReplyWriter {
 public:
  // `out` must outlive the writer. `protocol` is 2 or 3.
  ReplyWriter(Buffer* out, int protocol) : out_(out), protocol_(protocol) {}

  int protocol() const { return protocol_; }
  void set_protocol(int protocol) { protocol_ = protocol; }
  Buffer* out() { return out_; }

  void Ok() { Literal("+OK\r\n"); }
  // `text` must not contain CR or LF.
  void SimpleString(std::string_view text) { Line('+', text); }
  // The '-' and the line end are added here; CR and LF in `text` become spaces. The text brings its
  // code word.
  void Error(std::string_view text);
  void Integer(int64_t value) {
    if (value >= 0) return Header(':', static_cast<uint64_t>(value));
    NegativeInteger(value);
  }
  void Bulk(std::string_view bytes) {
    char* at = out_->Reserve(bytes.size() + kHeaderBytesMax + 2);
    *at = '$';
    char* end = WriteLineEnd(WriteDecimal(at + 1, bytes.size()));
    if (!bytes.empty()) std::memcpy(end, bytes.data(), bytes.size());
    end = WriteLineEnd(end + bytes.size());
    out_->Commit(static_cast<size_t>(end - at));
  }
  // The decimal form of `value` as a bulk string: how string commands return numbers.
  void BulkInteger(int64_t value);
  void Null() { protocol_ == 2 ? Literal("$-1\r\n") : Literal("_\r\n"); }
  // RESP2 has a second null, for "no array": a blocking pop that timed out, an EXEC that did not
  // run.
  void NullArray() { protocol_ == 2 ? Literal("*-1\r\n") : Literal("_\r\n"); }

  void Array(size_t count) { Header('*', count); }
  // `pairs` keys with their values follow: twice as many replies.
  void Map(size_t pairs) { protocol_ == 2 ? Header('*', pairs * 2) : Header('%', pairs); }
  void Set(size_t count) { Header(protocol_ == 2 ? '*' : '~', count); }
  void Push(size_t count) { Header(protocol_ == 2 ? '*' : '>', count); }
  // `pairs` keys with their values follow, then the reply they belong to. RESP3 only: a RESP2
  // client would take them for the reply.
  void Attribute(size_t pairs);

  void Double(double value);
  void Bool(bool value) {
    if (protocol_ == 2) return value ? Literal(":1\r\n") : Literal(":0\r\n");
    value ? Literal("#t\r\n") : Literal("#f\r\n");
  }
  // `digits` is a decimal integer of any length.
  void BigNumber(std::string_view digits);
  // `ext` is three bytes, "txt" or "mkd": what the text is.
  void Verbatim(std::string_view ext, std::string_view text);

  // A length announced later; each Close must match its Later.
  size_t ArrayLater() { return Later(); }
  size_t MapLater() { return Later(); }
  size_t SetLater() { return Later(); }
  size_t PushLater() { return Later(); }
  void CloseArray(size_t mark, size_t count) { Close(mark, '*', count); }
  void CloseMap(size_t mark, size_t pairs) {
    protocol_ == 2 ? Close(mark, '*', pairs * 2) : Close(mark, '%', pairs);
  }
  void CloseSet(size_t mark, size_t count) { Close(mark, protocol_ == 2 ? '*' : '~', count); }
  void ClosePush(size_t mark, size_t count) { Close(mark, protocol_ == 2 ? '*' : '>', count); }

  // Bytes that are already a whole reply, or several.
  void Raw(std::string_view bytes) { out_->Append(bytes); }

 private:
  static constexpr size_t kHeaderBytesMax = 1 + kDecimalBytesMax + 2;
  static constexpr size_t kLaterBytes = 4;  // "*7\r\n"

  template <size_t N>
  void Literal(const char (&text)[N]) {
    std::memcpy(out_->Reserve(N - 1), text, N - 1);
    out_->Commit(N - 1);
  }
  void Header(char type, uint64_t number) {
    char* at = out_->Reserve(kHeaderBytesMax);
    *at = type;
    char* end = WriteLineEnd(WriteDecimal(at + 1, number));
    out_->Commit(static_cast<size_t>(end - at));
  }
  void NegativeInteger(int64_t value);
  void Line(char type, std::string_view text);
  size_t Later();
  void Close(size_t mark, char type, uint64_t count);

  Buffer* out_;
  int protocol_;
};

}  // namespace torc
