#include "features/tracking/tracking_commands.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/context.h"
#include "command/tracking.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr CommandSpec ClientSub(std::string_view name, Arity arity, std::string_view since,
                                std::string_view syntax, std::string_view complexity,
                                std::string_view summary) {
  CommandSpec spec;
  spec.name = name;
  spec.parent = "client";
  spec.arity = arity;
  spec.group = Group::kConnection;
  spec.since = since;
  spec.flags = kNoScript | kLoading | kStale;
  spec.acl = kAclConnection;
  spec.syntax = syntax;
  spec.complexity = complexity;
  spec.summary = summary;
  return spec;
}

struct TrackingRequest {
  bool on = false;
  TrackingMode mode;
};

// Reads the words; replies the error and returns nothing if they are wrong by themselves.
std::optional<TrackingRequest> ParseTracking(CommandContext& context, ArgCursor args) {
  TrackingRequest request;
  const std::string_view state = args.Next();
  TrackingMode& mode = request.mode;
  while (!args.AtEnd() && args.ok()) {
    if (args.TakeWith("REDIRECT", 1)) {
      if (mode.redirect != ClientId{}) {
        args.Fail("ERR A client can only redirect to a single other client");
        break;
      }
      const int64_t id = args.Integer();
      if (!args.ok()) break;
      mode.redirect = ClientId(static_cast<uint64_t>(id));
      const bool there = context.services.clients != nullptr &&
                         context.services.clients->SessionOf(mode.redirect) != nullptr;
      if (!there) args.Fail("ERR The client ID you want redirect to does not exist");
    } else if (args.Take("BCAST")) {
      mode.broadcast = true;
    } else if (args.Take("OPTIN")) {
      mode.opt_in = true;
    } else if (args.Take("OPTOUT")) {
      mode.opt_out = true;
    } else if (args.Take("NOLOOP")) {
      mode.no_loop = true;
    } else if (args.TakeWith("PREFIX", 1)) {
      mode.prefixes.emplace_back(args.Next());
    } else {
      args.FailSyntax();
    }
  }
  request.on = EqualsIgnoreCase(state, "ON");
  if (!args.ok()) {
    context.reply.Error(args.error());
    return std::nullopt;
  }
  if (!request.on && !EqualsIgnoreCase(state, "OFF")) {
    context.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  return request;
}

bool Overlap(std::string_view a, std::string_view b) {
  return StartsWith(a, b) || StartsWith(b, a);
}

// Why these prefixes do not go together, or with those that the client has; empty if they do.
std::string PrefixConflict(const TrackingMode* old, const std::vector<std::string>& prefixes) {
  const auto text = [](const std::string& prefix, const char* what, const std::string& other) {
    return "ERR Prefix '" + prefix + "' overlaps with " + what + " prefix '" + other +
           "'. Prefixes for a single client must not overlap.";
  };
  for (size_t i = 0; i < prefixes.size(); ++i) {
    if (old != nullptr) {
      for (const std::string& other : old->prefixes) {
        if (Overlap(prefixes[i], other)) return text(prefixes[i], "an existing", other);
      }
    }
    for (size_t j = i + 1; j < prefixes.size(); ++j) {
      if (Overlap(prefixes[i], prefixes[j])) {
        return text(prefixes[i], "another provided", prefixes[j]);
      }
    }
  }
  return {};
}

// Why the client cannot track like this; empty if it can.
std::string ModeConflict(const TrackingMode* old, const TrackingMode& mode) {
  constexpr std::string_view kDisableFirst =
      " before disabling tracking for this client, and then re-enabling it with a different mode.";
  if (!mode.broadcast && !mode.prefixes.empty()) {
    return "ERR PREFIX option requires BCAST mode to be enabled";
  }
  if (old != nullptr && old->broadcast != mode.broadcast) {
    return "ERR You can't switch BCAST mode on/off" + std::string(kDisableFirst);
  }
  if (mode.broadcast && (mode.opt_in || mode.opt_out)) {
    return "ERR OPTIN and OPTOUT are not compatible with BCAST";
  }
  if (mode.opt_in && mode.opt_out) {
    return "ERR You can't specify both OPTIN mode and OPTOUT mode";
  }
  if (old != nullptr && ((mode.opt_in && old->opt_out) || (mode.opt_out && old->opt_in))) {
    return "ERR You can't switch OPTIN/OPTOUT mode" + std::string(kDisableFirst);
  }
  return mode.broadcast ? PrefixConflict(old, mode.prefixes) : std::string();
}

void ClientTracking(CommandContext& context, ArgCursor args) {
  auto request = ParseTracking(context, args);
  if (!request) return;
  Session& session = context.session;
  if (!request->on) {
    context.services.tracking->Disable(session);
    return context.reply.Ok();
  }
  const std::string conflict = ModeConflict(session.tracking.get(), request->mode);
  if (!conflict.empty()) return context.reply.Error(conflict);
  // Without a prefix, a client in broadcast mode hears of all keys.
  const bool known = session.tracking != nullptr && !session.tracking->prefixes.empty();
  if (request->mode.broadcast && request->mode.prefixes.empty() && !known) {
    request->mode.prefixes.emplace_back();
  }
  context.services.tracking->Enable(session, std::move(request->mode));
  context.reply.Ok();
}

constexpr CommandSpec kClientTracking = ClientSub(
    "tracking", AtLeast(3), "6.0.0",
    "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] "
    "[NOLOOP]",
    "O(1), or O(N) with N the number of prefixes",
    "Tells the connection when keys it has read change, so that it can keep copies.");

void ClientCaching(CommandContext& context, ArgCursor args) {
  TrackingMode* mode = context.session.tracking.get();
  if (mode == nullptr || (!mode->opt_in && !mode->opt_out)) {
    return context.reply.Error(
        "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "
        "OPTOUT mode enabled");
  }
  if (args.Take("YES")) {
    if (!mode->opt_in) {
      return context.reply.Error(
          "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
    }
    mode->caching = TrackingMode::Caching::kYes;
  } else if (args.Take("NO")) {
    if (!mode->opt_out) {
      return context.reply.Error(
          "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
    }
    mode->caching = TrackingMode::Caching::kNo;
  } else {
    return context.reply.Error(errors::kSyntax);
  }
  context.reply.Ok();
}

constexpr CommandSpec kClientCaching =
    ClientSub("caching", Exactly(3), "6.0.0", "<YES | NO>", "O(1)",
              "Says whether the keys of the next command are tracked.");

// -1: the connection does not track; 0: it is told itself.
int64_t RedirectOf(const Session& session) {
  return session.tracking == nullptr ? -1
                                     : static_cast<int64_t>(session.tracking->redirect.value());
}

void ClientGetredir(CommandContext& context, ArgCursor /*args*/) {
  context.reply.Integer(RedirectOf(context.session));
}

constexpr CommandSpec kClientGetredir =
    ClientSub("getredir", Exactly(2), "6.0.0", "", "O(1)",
              "Answers which connection gets this one's invalidation messages; -1 for none.");

std::vector<std::string_view> FlagsOf(const TrackingMode* mode) {
  if (mode == nullptr) return {"off"};
  std::vector<std::string_view> flags = {"on"};
  if (mode->broadcast) flags.emplace_back("bcast");
  if (mode->opt_in) flags.emplace_back("optin");
  if (mode->opt_in && mode->caching == TrackingMode::Caching::kYes) {
    flags.emplace_back("caching-yes");
  }
  if (mode->opt_out) flags.emplace_back("optout");
  if (mode->opt_out && mode->caching == TrackingMode::Caching::kNo) {
    flags.emplace_back("caching-no");
  }
  if (mode->no_loop) flags.emplace_back("noloop");
  if (mode->redirect_broken) flags.emplace_back("broken_redirect");
  return flags;
}

void ClientTrackinginfo(CommandContext& context, ArgCursor /*args*/) {
  const TrackingMode* mode = context.session.tracking.get();
  ReplyWriter& reply = context.reply;
  reply.Map(3);
  reply.Bulk("flags");
  const std::vector<std::string_view> flags = FlagsOf(mode);
  reply.Set(flags.size());
  for (const std::string_view flag : flags) reply.Bulk(flag);
  reply.Bulk("redirect");
  reply.Integer(RedirectOf(context.session));
  reply.Bulk("prefixes");
  reply.Array(mode == nullptr ? 0 : mode->prefixes.size());
  if (mode == nullptr) return;
  for (const std::string& prefix : mode->prefixes) reply.Bulk(prefix);
}

constexpr CommandSpec kClientTrackinginfo =
    ClientSub("trackinginfo", Exactly(2), "6.2.0", "", "O(1)",
              "Tells how keys are tracked for this connection.");

}  // namespace

void RegisterTrackingCommands(CommandRegistry& registry) {
  registry.Add(kClientTracking, ClientTracking);
  registry.Add(kClientCaching, ClientCaching);
  registry.Add(kClientGetredir, ClientGetredir);
  registry.Add(kClientTrackinginfo, ClientTrackinginfo);
}

}  // namespace torc
