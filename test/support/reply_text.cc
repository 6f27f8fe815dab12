#include "support/reply_text.h"

#include <cstddef>
#include <string_view>

#include "base/text.h"

namespace torc {
namespace {

std::string Quoted(std::string_view bytes) {
  return "\"" + Escaped(bytes) + "\"";
}

std::string Listed(const Reply& reply, std::string_view open, std::string_view close) {
  std::string out(open);
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) out += ", ";
    out += ReplyText(reply.elements[i]);
  }
  return out.append(close);
}

std::string MapText(const Reply& reply) {
  std::string out = "{";
  for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
    if (i > 0) out += ", ";
    out += ReplyText(reply.elements[i]) + ": " + ReplyText(reply.elements[i + 1]);
  }
  return out + "}";
}

}  // namespace

std::string ReplyText(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kSimple:
      return reply.text;
    case Reply::Kind::kError:
      return "(error) " + reply.text;
    case Reply::Kind::kInteger:
      return std::to_string(reply.integer);
    case Reply::Kind::kBulk:
      return Quoted(reply.text);
    case Reply::Kind::kNull:
      return "(nil)";
    case Reply::Kind::kArray:
      return Listed(reply, "[", "]");
    case Reply::Kind::kMap:
      return MapText(reply);
    case Reply::Kind::kSet:
      return Listed(reply, "{", "}");
    case Reply::Kind::kPush:
      return Listed(reply, ">[", "]");
    case Reply::Kind::kDouble:
      return "(double) " + reply.text;
    case Reply::Kind::kBool:
      return reply.integer != 0 ? "(true)" : "(false)";
    case Reply::Kind::kBigNumber:
      return "(big) " + reply.text;
    case Reply::Kind::kVerbatim:
      return "(verbatim) " + Quoted(reply.text);
  }
  return {};
}

}  // namespace torc
