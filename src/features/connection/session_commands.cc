// HELLO, AUTH, PING, ECHO, SELECT, QUIT, RESET: what a session is and that it lives.

#include <limits>
#include <optional>
#include <string>

#include "base/text.h"
#include "command/access.h"
#include "command/context.h"
#include "command/monitors.h"
#include "command/pubsub.h"
#include "command/tracking.h"
#include "features/connection/authentication.h"
#include "features/connection/connection_commands.h"
#include "resp/errors.h"
#include "torc/version.h"

namespace torc {
namespace {

constexpr uint32_t kSessionFlags = kNoScript | kLoading | kStale | kFast;

struct HelloRequest {
  int protocol = 0;  // 0: as it is
  bool authenticate = false;
  std::string_view user;
  std::string_view password;
  std::optional<std::string_view> name;
};

// Reads HELLO's arguments; replies the error and returns nothing if they are wrong.
std::optional<HelloRequest> ParseHello(CommandContext& context, ArgCursor args) {
  HelloRequest request;
  if (!args.AtEnd()) {
    const auto version = ParseInt64(args.Next());
    if (!version) {
      context.reply.Error("ERR Protocol version is not an integer or out of range");
      return std::nullopt;
    }
    if (*version < 2 || *version > 3) {
      context.reply.Error(errors::kNoProto);
      return std::nullopt;
    }
    request.protocol = static_cast<int>(*version);
  }
  while (!args.AtEnd()) {
    if (args.TakeWith("AUTH", 2)) {
      const size_t at = context.argv.size() - args.remaining();
      context.RedactArg(at);
      context.RedactArg(at + 1);
      request.authenticate = true;
      request.user = args.Next();
      request.password = args.Next();
    } else if (args.TakeWith("SETNAME", 1)) {
      request.name = args.Next();
      if (IsPlainName(*request.name)) continue;
      context.reply.Error(errors::kClientName);
      return std::nullopt;
    } else {
      context.reply.Error("ERR Syntax error in HELLO option '" +
                          std::string(errors::ShownText(args.Peek())) + "'");
      return std::nullopt;
    }
  }
  return request;
}

void Hello(CommandContext& context, ArgCursor args) {
  const auto request = ParseHello(context, args);
  if (!request) return;
  if (request->authenticate && !Authenticate(context, request->user, request->password)) return;
  Session& session = context.session;
  if (!session.authenticated) return context.reply.Error(errors::kHelloNoAuth);
  if (request->name) session.name = *request->name;
  if (request->protocol != 0) {
    session.protocol = request->protocol;
    context.reply.set_protocol(request->protocol);
  }
  ReplyWriter& reply = context.reply;
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(session.protocol);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(session.id.value()));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

constexpr CommandSpec kHello = {
    .name = "hello",
    .arity = AtLeast(1),
    .group = Group::kConnection,
    .since = "6.0.0",
    .flags = kSessionFlags | kNoAuth | kAllowBusy,
    .acl = kAclConnection,
    .syntax = "[protover [AUTH username password] [SETNAME clientname]]",
    .complexity = "O(1)",
    .summary = "Greets the server: chooses the protocol, authenticates and names the connection."};

void Auth(CommandContext& context, ArgCursor args) {
  if (args.remaining() > 2) return context.reply.Error(errors::kSyntax);
  context.RedactArg(1);
  std::string_view user = "default";
  if (args.remaining() == 2) {
    context.RedactArg(2);
    user = args.Next();
  } else if (context.services.access->users.default_user().nopass()) {
    return context.reply.Error(errors::kNoPasswordSet);
  }
  if (Authenticate(context, user, args.Next())) context.reply.Ok();
}

constexpr CommandSpec kAuth = {.name = "auth",
                               .arity = AtLeast(2),
                               .group = Group::kConnection,
                               .since = "1.0.0",
                               .flags = kSessionFlags | kNoAuth | kAllowBusy,
                               .acl = kAclConnection,
                               .syntax = "[username] password",
                               .complexity = "O(N) with N the number of passwords of the user",
                               .summary = "Authenticates the connection."};

void Ping(CommandContext& context, ArgCursor args) {
  if (args.remaining() > 1) return context.reply.Error(errors::WrongArgumentCount("ping"));
  const Session& session = context.session;
  if (session.protocol == 2 && session.subscriptions != nullptr) {
    context.reply.Array(2);
    context.reply.Bulk("pong");
    return context.reply.Bulk(args.AtEnd() ? std::string_view("") : args.Next());
  }
  if (args.AtEnd()) return context.reply.SimpleString("PONG");
  context.reply.Bulk(args.Next());
}

constexpr CommandSpec kPing = {.name = "ping",
                               .arity = AtLeast(1),
                               .group = Group::kConnection,
                               .since = "1.0.0",
                               .flags = kOwnSession | kFast | kWhileSubscribed,
                               .acl = kAclConnection,
                               .syntax = "[message]",
                               .complexity = "O(1)",
                               .summary = "Shows that the server is alive, or answers the message.",
                               .tips = "REQUEST_POLICY:ALL_SHARDS,RESPONSE_POLICY:ALL_SUCCEEDED"};

void Echo(CommandContext& context, ArgCursor args) {
  context.reply.Bulk(args.Next());
}

constexpr CommandSpec kEcho = {.name = "echo",
                               .arity = Exactly(2),
                               .group = Group::kConnection,
                               .since = "1.0.0",
                               .flags = kOwnSession | kLoading | kStale | kFast,
                               .acl = kAclConnection,
                               .syntax = "message",
                               .complexity = "O(1)",
                               .summary = "Answers its argument."};

void Select(CommandContext& context, ArgCursor args) {
  const int64_t index = args.Integer();
  if (args.ok() && (index < std::numeric_limits<int32_t>::min() ||
                    index > std::numeric_limits<int32_t>::max())) {
    args.Fail("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  if (args.ok() && (index < 0 || index >= context.services.options->databases)) {
    args.Fail(errors::kDbIndexOutOfRange);
  }
  if (!args.Done(context.reply)) return;
  context.session.db = DbIndex(static_cast<uint32_t>(index));
  context.reply.Ok();
}

constexpr CommandSpec kSelect = {.name = "select",
                                 .arity = Exactly(2),
                                 .group = Group::kConnection,
                                 .since = "1.0.0",
                                 .flags = kOwnSession | kLoading | kStale | kFast,
                                 .acl = kAclConnection,
                                 .syntax = "index",
                                 .complexity = "O(1)",
                                 .summary = "Chooses the database the connection works on."};

void Quit(CommandContext& context, ArgCursor /*args*/) {
  context.session.close_after_reply = true;
  context.reply.Ok();
}

constexpr CommandSpec kQuit = {
    .name = "quit",
    .arity = AtLeast(1),
    .group = Group::kConnection,
    .since = "1.0.0",
    .flags = kOwnSession | kSessionFlags | kNoAuth | kAllowBusy | kNeverQueued | kWhileSubscribed,
    .acl = kAclConnection,
    .complexity = "O(1)",
    .summary = "Closes the connection.",
    .deprecated_since = "7.2.0",
    .replaced_by = "just closing the connection"};

void Reset(CommandContext& context, ArgCursor /*args*/) {
  Session& session = context.session;
  session.transaction.reset();
  Unwatch(session);
  context.services.pubsub->UnsubscribeAll(session);
  context.services.monitors->Remove(session);
  context.services.tracking->Disable(session);
  session.db = DbIndex(0);
  session.protocol = 2;
  const AclUsers& users = context.services.access->users;
  session.user = &users.default_user();
  session.authenticated = users.open();
  session.name.clear();
  session.asking = false;
  session.readonly = false;
  session.no_evict = false;
  session.no_touch = false;
  session.reply_mode = ReplyMode::kOn;
  context.reply.set_protocol(2);
  context.reply.SimpleString("RESET");
}

constexpr CommandSpec kReset = {
    .name = "reset",
    .arity = Exactly(1),
    .group = Group::kConnection,
    .since = "6.2.0",
    .flags = kSessionFlags | kNoAuth | kAllowBusy | kNeverQueued | kWhileSubscribed,
    .acl = kAclConnection,
    .complexity = "O(1)",
    .summary = "Makes the connection as if it had just been opened."};

}  // namespace

void RegisterSessionCommands(CommandRegistry& registry) {
  registry.Add(kHello, Hello);
  registry.Add(kAuth, Auth);
  registry.Add(kPing, Ping);
  registry.Add(kEcho, Echo);
  registry.Add(kSelect, Select);
  registry.Add(kQuit, Quit);
  registry.Add(kReset, Reset);
}

}  // namespace torc
