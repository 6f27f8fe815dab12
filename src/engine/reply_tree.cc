#include "engine/reply_tree.h"

#include <cstddef>
#include <string>

#include "base/check.h"
#include "base/text.h"

namespace torc {
namespace {

class TreeReader {
 public:
  explicit TreeReader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  Reply Next() {
    const std::string_view line = Line();
    TORC_CHECK(!line.empty(), "a reply has a type byte");
    const std::string_view body = line.substr(1);
    Reply reply;
    switch (line[0]) {
      case '+':
        return Text(Reply::Kind::kSimple, body);
      case '-':
        return Text(Reply::Kind::kError, body);
      case ',':
        return Text(Reply::Kind::kDouble, body);
      case '(':
        return Text(Reply::Kind::kBigNumber, body);
      case '_':
        return reply;
      case ':':
        reply.kind = Reply::Kind::kInteger;
        reply.integer = ParseInt64(body).value_or(0);
        return reply;
      case '#':
        reply.kind = Reply::Kind::kBool;
        reply.integer = body == "t" ? 1 : 0;
        return reply;
      case '$':
        return Blob(Reply::Kind::kBulk, body);
      case '=':
        return Blob(Reply::Kind::kVerbatim, body);
      case '*':
        return Aggregate(Reply::Kind::kArray, body, 1);
      case '~':
        return Aggregate(Reply::Kind::kSet, body, 1);
      case '>':
        return Aggregate(Reply::Kind::kPush, body, 1);
      case '%':
        return Aggregate(Reply::Kind::kMap, body, 2);
      default:
        TORC_CHECK(false, "a known type byte");
    }
    return reply;
  }

 private:
  std::string_view Line() {
    const size_t end = rest_.find("\r\n");
    TORC_CHECK(end != std::string_view::npos, "a reply's line ends");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 2);
    return line;
  }
  static Reply Text(Reply::Kind kind, std::string_view text) {
    Reply reply;
    reply.kind = kind;
    reply.text = std::string(text);
    return reply;
  }
  Reply Blob(Reply::Kind kind, std::string_view length) {
    const int64_t size = ParseInt64(length).value_or(-1);
    if (size < 0) return {};
    TORC_CHECK(static_cast<uint64_t>(size) + 2 <= rest_.size(), "a bulk is whole");
    Reply reply = Text(kind, rest_.substr(0, static_cast<size_t>(size)));
    rest_.remove_prefix(static_cast<size_t>(size) + 2);
    return reply;
  }
  Reply Aggregate(Reply::Kind kind, std::string_view length, int64_t per_element) {
    const int64_t count = ParseInt64(length).value_or(-1);
    if (count < 0) return {};
    Reply reply;
    reply.kind = kind;
    for (int64_t i = 0; i < count * per_element; ++i) reply.elements.push_back(Next());
    return reply;
  }

  std::string_view rest_;
};

}  // namespace

Reply ParseReply(std::string_view bytes) {
  if (bytes.empty()) return {};  // CLIENT REPLY OFF
  TreeReader reader(bytes);
  Reply reply = reader.Next();
  TORC_CHECK(reader.done(), "exactly one reply");
  return reply;
}

}  // namespace torc
