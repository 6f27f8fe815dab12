// DEBUG PROTOCOL: one reply of each type, for the tests of client libraries, which know these
// values.

#include <string>

#include "command/context.h"
#include "features/admin/debug_commands.h"

namespace torc {
namespace {

constexpr std::string_view kBehindAttribute = "Some real reply following the attribute";
constexpr std::string_view kBehindPush = "Some real reply following the push reply";

void Aggregate(ReplyWriter& reply, std::string_view type) {
  if (type == "map") {
    reply.Map(3);
    for (int i = 0; i < 3; ++i) {
      reply.Integer(i);
      reply.Bool(i == 1);
    }
    return;
  }
  type == "set" ? reply.Set(3) : reply.Array(3);
  for (int i = 0; i < 3; ++i) reply.Integer(i);
}

void Attributed(ReplyWriter& reply) {
  if (reply.protocol() > 2) {
    reply.Attribute(1);
    reply.Bulk("key-popularity");
    reply.Array(2);
    reply.Bulk("key:123");
    reply.Integer(90);
  }
  reply.Bulk(kBehindAttribute);
}

void Pushed(ReplyWriter& reply) {
  if (reply.protocol() < 3) return reply.Error("ERR RESP2 is not supported by this command");
  reply.Push(2);
  reply.Bulk("server-cpu-usage");
  reply.Integer(42);
  reply.Bulk(kBehindPush);
}

}  // namespace

void DebugProtocol(CommandContext& context, ArgCursor args) {
  ReplyWriter& reply = context.reply;
  const std::string type = Lowercase(args.Next());
  if (type == "string") return reply.Bulk("Hello World");
  if (type == "integer") return reply.Integer(12345);
  if (type == "double") return reply.Double(3.141);
  if (type == "null") return reply.Null();
  if (type == "array" || type == "set" || type == "map") return Aggregate(reply, type);
  if (type == "attrib") return Attributed(reply);
  if (type == "push") return Pushed(reply);
  if (type == "bignum") return reply.BigNumber("1234567999999999999999999999999999999");
  if (type == "verbatim") return reply.Verbatim("txt", "This is a verbatim\nstring");
  if (type == "true") return reply.Bool(true);
  if (type == "false") return reply.Bool(false);
  reply.Error(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

}  // namespace torc
