// CLIENT's subcommands about the caller itself: its id, its names, its modes.

#include <string>

#include "command/context.h"
#include "features/connection/authentication.h"
#include "features/connection/connection_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr CommandSpec kClient = {.name = "client",
                                 .arity = AtLeast(2),
                                 .group = Group::kConnection,
                                 .since = "2.4.0",
                                 .complexity = "Depends on the subcommand.",
                                 .summary = "Looks at and steers connections."};

// What most of CLIENT's subcommands have in common.
constexpr CommandSpec ClientSub(std::string_view name, Arity arity, std::string_view since,
                                std::string_view syntax, std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.parent = "client";
  spec.arity = arity;
  spec.group = Group::kConnection;
  spec.since = since;
  spec.flags = kNoScript | kLoading | kStale;
  spec.acl = kAclConnection;
  spec.syntax = syntax;
  spec.complexity = "O(1)";
  spec.summary = summary;
  return spec;
}

constexpr CommandSpec WithTips(CommandSpec spec, std::string_view tips) {
  spec.tips = tips;
  return spec;
}

constexpr CommandSpec AsAdmin(CommandSpec spec) {
  spec.flags |= kAdmin;
  return spec;
}

constexpr std::string_view kToAllNodes = "REQUEST_POLICY:ALL_NODES,RESPONSE_POLICY:ALL_SUCCEEDED";

void ClientNumber(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Integer(static_cast<int64_t>(context.session.id.value()));
}

constexpr CommandSpec kClientId = ClientSub(
    "id", Exactly(2), "5.0.0", "", "Answers the connection's number, which is never reused.");

void ClientGetname(CommandContext& context, ArgCursor /*args*/) {
  if (context.session.name.empty()) return context.reply.Null();
  context.reply.Bulk(context.session.name);
}

constexpr CommandSpec kClientGetname =
    ClientSub("getname", Exactly(2), "2.6.9", "", "Answers the connection's name.");

void ClientSetname(CommandContext& context, ArgCursor args) {
  const std::string_view name = args.Next();
  if (!IsPlainName(name)) return context.reply.Error(errors::kClientName);
  context.session.name = name;
  context.reply.Ok();
}

constexpr CommandSpec kClientSetname =
    WithTips(ClientSub("setname", Exactly(3), "2.6.9", "connection-name",
                       "Gives the connection a name; an empty one takes it away."),
             kToAllNodes);

void ClientSetinfo(CommandContext& context, ArgCursor args) {
  Session& session = context.session;
  const std::string_view option = args.Next();
  std::string* field = nullptr;
  if (EqualsIgnoreCase(option, "lib-name")) field = &session.lib_name;
  if (EqualsIgnoreCase(option, "lib-ver")) field = &session.lib_version;
  if (field == nullptr) {
    return context.reply.Error("ERR Unrecognized option '" +
                               std::string(errors::ShownText(option)) + "'");
  }
  const std::string_view value = args.Next();
  if (!IsPlainName(value)) {
    return context.reply.Error("ERR " + std::string(option) +
                               " cannot contain spaces, newlines or special characters.");
  }
  *field = value;
  context.reply.Ok();
}

constexpr CommandSpec kClientSetinfo =
    WithTips(ClientSub("setinfo", Exactly(4), "7.2.0", "<LIB-NAME libname | LIB-VER libver>",
                       "Says which client library the connection uses."),
             kToAllNodes);

// "on" or "off" into a mode of the session.
void SetMode(CommandContext& context, ArgCursor args, bool Session::*mode) {
  if (args.Take("ON")) {
    context.session.*mode = true;
  } else if (args.Take("OFF")) {
    context.session.*mode = false;
  } else {
    return context.reply.Error(errors::kSyntax);
  }
  context.reply.Ok();
}

void ClientNoEvict(CommandContext& context, ArgCursor args) {
  SetMode(context, args, &Session::no_evict);
}

constexpr CommandSpec kClientNoEvict =
    AsAdmin(ClientSub("no-evict", Exactly(3), "7.0.0", "<ON | OFF>",
                      "Spares the connection when clients use too much memory."));

void ClientNoTouch(CommandContext& context, ArgCursor args) {
  SetMode(context, args, &Session::no_touch);
}

constexpr CommandSpec kClientNoTouch =
    ClientSub("no-touch", Exactly(3), "7.2.0", "<ON | OFF>",
              "Lets the connection's commands leave the age of keys as it is.");

void ClientReply(CommandContext& context, ArgCursor args) {
  ReplyMode& mode = context.session.reply_mode;
  if (args.Take("ON")) {
    mode = ReplyMode::kOn;
    context.reply.Ok();
  } else if (args.Take("OFF")) {
    mode = ReplyMode::kOff;
  } else if (args.Take("SKIP")) {
    if (mode != ReplyMode::kOff) mode = ReplyMode::kSkipNext;
  } else {
    context.reply.Error(errors::kSyntax);
  }
}

constexpr CommandSpec kClientReply =
    ClientSub("reply", Exactly(3), "3.2.0", "<ON | OFF | SKIP>",
              "Turns the replies to this connection off and on, or skips the next one.");

}  // namespace

void RegisterClientCommands(CommandRegistry& registry) {
  registry.Add(kClient, nullptr);
  registry.Add(kClientId, ClientNumber);
  registry.Add(kClientGetname, ClientGetname);
  registry.Add(kClientSetname, ClientSetname);
  registry.Add(kClientSetinfo, ClientSetinfo);
  registry.Add(kClientNoEvict, ClientNoEvict);
  registry.Add(kClientNoTouch, ClientNoTouch);
  registry.Add(kClientReply, ClientReply);
}

}  // namespace torc
