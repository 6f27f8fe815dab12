#include "command/dispatcher.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "command/access.h"
#include "command/blocking.h"
#include "command/key_extraction.h"
#include "command/latency_monitor.h"
#include "command/monitors.h"
#include "command/process_totals.h"
#include "command/tracking.h"
#include "resp/errors.h"

namespace torc {
namespace {

constexpr int64_t kNsPerMs = 1000000;

// Redis's text for a command that does not exist, with the beginning of its arguments.
void ReplyUnknown(ReplyWriter& reply, Argv argv) {
  errors::UnknownCommand error(argv[0]);
  for (const std::string_view argument : argv.subspan(1)) error.AddArgument(argument);
  reply.Error(error.text());
}

// Whether nothing is to be found out, or to be refused, before the command itself: nearly always.
bool IsPlainCall(const Command& command, Argv argv) {
  return command.handler != nullptr && command.subcommands.empty() &&
         command.ArityFits(argv.size());
}

// Of a large command's arguments a second copy matters to the memory limit.
bool IsSmall(Argv argv) {
  constexpr size_t kSmallBytes = size_t{32} << 10;
  size_t bytes = 0;
  for (const std::string_view arg : argv) bytes += arg.size();
  return bytes <= kSmallBytes;
}

// Words that a web browser sends, made to by a page that wants to reach this server through it.
bool IsHttp(std::string_view name) {
  return EqualsIgnoreCase(name, "POST") || EqualsIgnoreCase(name, "Host:");
}

}  // namespace

PreparedCommand Dispatcher::Prepare(const Session& session, Argv argv) const {
  PreparedCommand prepared;
  prepared.command = Find(session, argv[0]);
  if (prepared.command == nullptr) return prepared;
  const uint32_t position = FirstKeyPosition(*prepared.command, argv.size());
  if (position == 0) return prepared;
  const Keyspace& own = *services_->keyspace;
  prepared.key = own.Ref(argv[position]);
  if (&services_->dataset->Owner(prepared.key.partition) == &own) [[likely]]
    own.Prefetch(session.db, prepared.key);
  const uint32_t part = prepared.command->spec.part;
  if (part != 0 && part < argv.size()) prepared.part = argv[part];
  return prepared;
}

const Command* Dispatcher::Find(const Session& session, std::string_view name) const {
  const CommandRegistry& commands = *services_->commands;
  // What is replayed was recorded under the commands' own names.
  const bool own = session.internal && commands.has_renamed();
  return own ? commands.FindOwn(name) : commands.Find(name);
}

void Dispatcher::RefuseHttp(Session& session) {
  constexpr int64_t kLogPauseNs = 60'000'000'000;
  session.close_after_reply = true;
  const int64_t now_ns = services_->clock->MonoNs();
  if (http_logged_ns_ && now_ns - *http_logged_ns_ < kLogPauseNs) return;
  http_logged_ns_ = now_ns;
  std::string address;
  if (services_->clients != nullptr) {
    address = services_->clients->TransportOf(session).peer_address;
  }
  Log(LogLevel::kWarning,
      "Possible SECURITY ATTACK: a client sent POST or Host:, which is HTTP, perhaps from a web "
      "page that abuses its reader's browser. The connection from %s is closed.",
      address.c_str());
}

const Command* Dispatcher::Resolve(Session& session, Argv argv, const Command* command,
                                   ReplyWriter& reply) {
  if (command == nullptr) command = Find(session, argv[0]);
  if (command == nullptr) {
    if (session.transaction != nullptr) session.transaction->aborted = true;
    if (IsHttp(argv[0])) {
      RefuseHttp(session);
    } else {
      ReplyUnknown(reply, argv);
    }
    return nullptr;
  }
  if (!command->subcommands.empty() && argv.size() > 1) {
    const Command* sub = CommandRegistry::FindSub(*command, argv[1]);
    if (sub == nullptr) {
      Refuse(session, nullptr, reply, errors::UnknownSubcommand(argv[0], argv[1]));
      return nullptr;
    }
    command = sub;
  }
  if (!command->ArityFits(argv.size()) || command->handler == nullptr) {
    Refuse(session, command, reply, errors::WrongArgumentCount(command->full_name));
    return nullptr;
  }
  return command;
}

uint32_t Dispatcher::FlagsOf(const Session& session, const Command& command, Argv argv) const {
  uint32_t flags = command.spec.flags;
  if (command.flags_of_call != nullptr) flags = command.flags_of_call(*services_, flags, argv);
  if (command.Has(kRunsQueue) && session.transaction != nullptr) {
    flags |= session.transaction->flags();
  }
  return flags;
}

// Why the disk keeps this command away; empty if it does not.
std::string_view Dispatcher::RefusalOfGate(const Session& session, const Command& command,
                                           Argv argv) const {
  const CommandGate& gate = *services_->gate;
  if (!gate.busy.empty() && !command.Has(kAllowBusy)) return gate.busy;
  const bool writes = (FlagsOf(session, command, argv) & kWrite) != 0;
  if (writes || command.full_name == "ping") {
    if (!gate.snapshot_failure.empty()) return gate.snapshot_failure;
    if (!gate.log_failure.empty()) return gate.log_failure;
  }
  if (gate.loading && !command.Has(kLoading)) return errors::kLoading;
  return {};
}

void Dispatcher::Refuse(Session& session, const Command* command, ReplyWriter& reply,
                        std::string_view error) {
  if (command != nullptr && services_->stats != nullptr) {
    ++services_->stats->by_command[command->index].rejected_calls;
  }
  if (command != nullptr && command->Has(kRunsQueue)) {
    session.transaction.reset();
    services_->router == nullptr ? Unwatch(session) : DropWatches(session);
    if (StartsWith(error, "ERR ")) error.remove_prefix(4);
    return reply.Error("EXECABORT Transaction discarded because of: " + std::string(error));
  }
  if (session.transaction != nullptr) session.transaction->aborted = true;
  reply.Error(error);
}

bool Dispatcher::RunsElsewhere(const Session& session, const KeyRef& key) const {
  return services_->router != nullptr && key.text.data() != nullptr &&
         session.transaction == nullptr && services_->borrowed_keyspaces.empty() &&
         &services_->dataset->Owner(key.partition) != services_->keyspace;
}

bool Dispatcher::RoomFor(Session& session, const Command& command, Argv argv, ReplyWriter& reply) {
  const Eviction::Outcome outcome = services_->eviction->MakeRoom(0);
  if (outcome < Eviction::Outcome::kLater) [[likely]]
    return true;
  // Until another shard has made room only small commands may go on.
  if (outcome == Eviction::Outcome::kLater && IsSmall(argv)) return true;
  // What is queued takes memory as well.
  const bool queued = session.transaction != nullptr && !command.Has(kNeverQueued);
  if (!queued && (FlagsOf(session, command, argv) & kDenyOom) == 0) return true;
  Refuse(session, &command, reply, errors::kOom);
  return false;
}

bool Dispatcher::Admit(Session& session, const Command& command, Argv argv, const KeyRef& key,
                       ReplyWriter& reply) {
  if (session.internal) return true;
  if (!session.authenticated && !command.Has(kNoAuth) && !services_->access->users.open()) {
    Refuse(session, &command, reply, errors::kNoAuth);
    return false;
  }
  if (session.transaction != nullptr && command.Has(kNoMulti)) {
    Refuse(session, &command, reply, errors::kNotInTransaction);
    return false;
  }
  if (!MayDoEverything(session)) [[unlikely]] {
    if (!Permit(session, command, argv, reply)) return false;
  }
  if (services_->eviction->limited()) [[unlikely]] {
    // The shard that runs it makes room; it hears of what the arguments take here. A large one
    // finds room, or is refused, before it is sent as well: the parcel holds it a second time.
    if (RunsElsewhere(session, key) && services_->eviction->may_evict() && IsSmall(argv)) {
      services_->eviction->EndCommand();
    } else if (!RoomFor(session, command, argv, reply)) {
      return false;
    }
  }
  if (services_->gate->closed()) [[unlikely]] {
    const std::string_view refusal = RefusalOfGate(session, command, argv);
    if (!refusal.empty()) {
      Refuse(session, &command, reply, refusal);
      return false;
    }
  }
  if (session.subscriptions != nullptr && session.protocol == 2 && !command.SpeaksByPushes() &&
      !command.Has(kWhileSubscribed)) {
    Refuse(session, &command, reply, errors::OnlyInSubscribeContext(command.full_name));
    return false;
  }
  if (session.monitor && (command.spec.flags & (kWrite | kReadonly | kMayReplicate)) != 0) {
    Refuse(session, &command, reply, "ERR Replica can't interact with the keyspace");
    return false;
  }
  return true;
}

// Whether a pause, or a slow disk, holds the command back.
bool Dispatcher::MustWait(const Session& session, const Command& command, Argv argv,
                          UnixMs now) const {
  const PauseState& pause = *services_->pause;
  const bool paused = pause.mode != PauseMode::kNone && pause.ActiveAt(now);
  if (session.internal || (!paused && !services_->gate->writes_wait)) return false;
  if (command.full_name == "client|unpause") return false;  // or nobody could end it
  const uint32_t flags = FlagsOf(session, command, argv);
  if (services_->gate->writes_wait && (flags & kWrite) != 0) return true;
  return paused && (pause.mode == PauseMode::kAll || (flags & (kWrite | kMayReplicate)) != 0);
}

Outcome Dispatcher::Execute(Session& session, Argv argv, const PreparedCommand& prepared,
                            UnixMs now) {
  Buffer& out = session.replies.bytes();
  ReplyWriter reply(&out, session.protocol);
  const size_t reply_from = out.size();
  if (session.reply_mode == ReplyMode::kSkipNext) session.reply_mode = ReplyMode::kSkipThis;
  const ReplyMode mode = session.reply_mode;
  session.last_used_unix_ms = now.value();
  const Command* command = prepared.command;
  if (command == nullptr || !IsPlainCall(*command, argv))
    command = Resolve(session, argv, command, reply);
  const CommandSpec* const command_before = session.last_command;
  if (command != nullptr) session.last_command = &command->spec;
  if (command == nullptr || !Admit(session, *command, argv, prepared.key, reply)) {
    Finish(session, reply_from, nullptr, mode);
    return Outcome::kDone;
  }
  const bool may_wait = services_->pause->mode != PauseMode::kNone || services_->gate->writes_wait;
  if (may_wait && MustWait(session, *command, argv, now)) [[unlikely]]
    return Outcome::kDeferred;
  if (session.transaction != nullptr && !command->Has(kNeverQueued)) [[unlikely]] {
    if (!session.transaction->aborted) {
      session.transaction->Queue(*command, FlagsOf(session, *command, argv), argv);
    }
    reply.SimpleString("QUEUED");
    Finish(session, reply_from, nullptr, mode);
    return Outcome::kDone;
  }
  if (services_->router != nullptr && !session.internal) [[unlikely]] {
    const Router::Placement placement =
        services_->router->Place(session, *command, argv, prepared.key);
    if (placement == Router::Placement::kWait) {
      session.last_command = command_before;  // nobody may take it for done
      return Outcome::kMustBorrow;
    }
    if (placement == Router::Placement::kAway) return Outcome::kAway;
  }
  // Its keys are this thread's now. In the middle of a long command some of them may be held.
  if (services_->keyspace->keys_are_held() && MustStandBack(session, *command, argv)) [[unlikely]] {
    session.last_command = command_before;  // nobody may take it for done
    return Outcome::kDeferred;
  }
  Session* const before = services_->outbox->BeginExecuting(&session);
  CommandContext context(*command, argv, session, reply, now, *services_, &changes_);
  Run(context, prepared.key);
  const bool waits = session.blocked != nullptr;
  if (!waits) [[likely]]
    Finish(session, reply_from, command, mode);
  if (session.tracking != nullptr) [[unlikely]]
    EndCaching(session, *command);
  services_->outbox->EndExecuting(before);
  if (services_->blocking->any_ready() && services_->gate->busy.empty()) [[unlikely]]
    ServeReady();
  return waits ? Outcome::kBlocked : Outcome::kDone;
}

void Dispatcher::Serve(Session& visitor, const Command& command, Argv argv, const KeyRef& hint,
                       UnixMs now) {
  const size_t reply_from = visitor.replies.bytes().size();
  ReplyWriter reply(&visitor.replies.bytes(), visitor.protocol);
  if (!services_->gate->busy.empty() && !command.Has(kAllowBusy)) [[unlikely]] {
    Refuse(visitor, &command, reply, services_->gate->busy);
    return Finish(visitor, reply_from, nullptr, ReplyMode::kOn);
  }
  if (services_->eviction->limited() && !RoomFor(visitor, command, argv, reply)) {
    return Finish(visitor, reply_from, nullptr, ReplyMode::kOn);
  }
  CommandContext context(command, argv, visitor, reply, now, *services_, &changes_);
  Run(context, hint);
  Finish(visitor, reply_from, &command, ReplyMode::kOn);
  if (services_->blocking->any_ready()) [[unlikely]]
    ServeReady();
}

// What CLIENT CACHING said holds for one command that is not CLIENT's, or one transaction.
void Dispatcher::EndCaching(Session& session, const Command& command) {
  const bool client = command.container != nullptr && command.container->spec.name == "client";
  if (!client && session.transaction == nullptr) {
    session.tracking->caching = TrackingMode::Caching::kUnsaid;
  }
}

void Dispatcher::RunInside(CommandContext& outer, const Command& command, Argv argv,
                           const KeyRef& hint) {
  TORC_DCHECK(outer.changes().changes == 0 && outer.changes().events.empty(),
              "the outer command has no changes of its own");
  Session& session = outer.session;
  const ReplyMode mode = session.reply_mode;
  const size_t reply_from = session.replies.bytes().size();
  ReplyWriter reply(&session.replies.bytes(), session.protocol);
  if (!MayDoEverything(session) && !PermitInside(outer, command, argv, reply)) [[unlikely]]
    return Finish(session, reply_from, nullptr, mode);
  CommandContext context(command, argv, session, reply, outer.now, outer.services, &changes_);
  Run(context, hint);
  Finish(session, reply_from, &command, mode);
}

void Dispatcher::RunForScript(CommandContext& outer, Session& session, const Command& command,
                              Argv argv) {
  TORC_DCHECK(outer.changes().changes == 0 && outer.changes().events.empty(),
              "the outer command has no changes of its own");
  ReplyWriter reply(&session.replies.bytes(), session.protocol);
  CommandContext context(command, argv, session, reply, outer.now, outer.services, &changes_);
  Run(context, {});
  const Buffer& out = session.replies.bytes();
  if (!out.empty() && out.data()[0] == '-') CountReplyError(session, 0, &command);
}

void Dispatcher::Run(CommandContext& context, const KeyRef& hint) {
  const Command& command = context.command;
  if (hint.text.data() != nullptr) context.set_key_hint(hint);
  const bool runs_again = context.session.blocked != nullptr;  // monitors have seen it
  const int64_t begin_ns = last_ns_;
  const size_t reply_from = context.session.replies.bytes().size();
  command.handler(context, ArgCursor(context.argv, command.container == nullptr ? 1 : 2));
  services_->keyspace->EndWrites();
  for (Keyspace* borrowed : services_->borrowed_keyspaces) borrowed->EndWrites();
  services_->eviction->EndCommand();
  // A log that is loaded has no use for the time.
  if (!context.session.internal) last_ns_ = services_->clock->MonoNs();
  const bool waits = context.session.blocked != nullptr;
  if (!waits) [[likely]]
    Account(context, last_ns_ - begin_ns - context.paused_ns());
  if (HotKeys* const hot_keys = services_->stats->hot_keys.get()) [[unlikely]] {
    // What was sent in the middle of a long command is not seen.
    const size_t reply_end = context.session.replies.bytes().size();
    const size_t reply_bytes = reply_end - std::min(reply_end, reply_from);
    if (!waits && !context.session.internal) {
      hot_keys->Note(context, last_ns_ - begin_ns - context.paused_ns(), reply_bytes);
    }
  }
  if (services_->monitors->any() && !runs_again && !command.Has(kSkipMonitor) &&
      !command.Has(kAdmin)) [[unlikely]] {
    FeedMonitors(context);
  }
  if (changes_.changes == 0 && changes_.events.empty()) {
    changes_.ForgetReplays();
  } else {
    context.services.keyspace->stats().changes += changes_.changes;
    if (context.recording()) EmitEffects(context.session, command, context.argv);
    changes_.Clear();
  }
  Session* const caller = context.session.script_caller;
  Session& reader = caller == nullptr ? context.session : *caller;
  // What a script has read it has read itself; the keys it was given say nothing. Behind the
  // effects: what PFCOUNT answers is not older than what it has kept.
  if (reader.tracking != nullptr && command.Has(kReadonly) &&
      command.spec.group != Group::kScripting) [[unlikely]] {
    services_->tracking->RememberKeys(reader, command, context.argv);
  }
}

void Dispatcher::AnnounceScript(const CommandContext& context) {
  if (services_->monitors->any()) FeedMonitors(context);
}

void Dispatcher::FeedMonitors(const CommandContext& context) {
  std::string address;
  if (context.session.script_caller != nullptr) {
    address = "lua";
  } else if (services_->clients != nullptr) {
    address = services_->clients->TransportOf(context.session).peer_address;
  }
  services_->monitors->Feed(services_->clock->WallUs(), context.session.db, address, context.argv,
                            context.redacted_args());
}

namespace {

[[gnu::noinline]] void NoteLatency(const Services& services, const CommandContext& context,
                                   int64_t duration_ns) {
  const char* const event = context.command.Has(kFast) ? "fast-command" : "command";
  OnFirstShard(services, [latency = services.latency, event, ms = duration_ns / kNsPerMs,
                          at_s = context.now.value() / 1000] { latency->Note(event, ms, at_s); });
}

[[gnu::noinline]] void NoteSlow(const Services& services, const CommandContext& context,
                                int64_t duration_us) {
  if (context.command.Has(kSkipSlowlog)) return;
  Session& session = context.session;
  if (session.script_caller != nullptr) return;  // the script itself is there
  if (session.visiting) {
    session.slow_us = duration_us;
    return;
  }
  std::string address;
  if (services.clients != nullptr) {
    address = services.clients->TransportOf(session).peer_address;
  }
  services.slowlog->Add(context.argv, context.redacted_args(), context.now.value() / 1000,
                        duration_us, std::move(address), session.name);
}

}  // namespace

void Dispatcher::Account(const CommandContext& context, int64_t duration_ns) {
  Session& session = context.session;
  if (session.internal) return;
  CommandStats& stats = *services_->stats;
  CommandFigures& figures = stats.by_command[context.command.index];
  ++figures.calls;
  ++stats.total_calls;
  ++session.commands;
  figures.duration_ns += static_cast<uint64_t>(duration_ns);
  if (duration_ns >= kNsPerMs) [[unlikely]]
    NoteLatency(*services_, context, duration_ns);
  if (stats.track_latency) figures.latency.Add(static_cast<uint64_t>(duration_ns));
  if (services_->slowlog->Wants(duration_ns / 1000)) [[unlikely]]
    NoteSlow(*services_, context, duration_ns / 1000);
}

void Dispatcher::OnNewKey(DbIndex db, std::string_view key) {
  if (services_->gate->loading) return;
  changes_.events.push_back({EventClass::kNew, "new", std::string(key), db});
}

void Dispatcher::EmitEffects(const Session& session, const Command& command, Argv argv) {
  EffectFeed& feed = *services_->feed;
  std::vector<KeyEvent> events;
  events.reserve(changes_.events.size());
  for (const ChangeRecord::Event& event : changes_.events) {
    events.push_back({event.event_class, event.name, event.key, event.db});
  }
  feed.BeginUnit();
  Effect effect{.db = session.db, .args = {}, .events = events, .client = session.id};
  std::vector<std::string_view> views;
  if (session.unlogged) {
    if (!events.empty()) feed.Emit(effect);
    return feed.EndUnit();
  }
  if (!changes_.replays_given) {
    if (changes_.changes != 0) effect.args = argv;
    if (changes_.changes != 0 && services_->commands->has_renamed()) {
      views.assign(argv.begin(), argv.end());
      views[0] = command.own_name();
      effect.args = views;
    }
    feed.Emit(effect);
  }
  for (const auto& [db, form] : changes_.replays) {
    views.assign(form.begin(), form.end());
    effect.db = db;
    effect.args = views;
    feed.Emit(effect);
    effect.events = {};  // events go out with the first effect
  }
  feed.EndUnit();
}

void Dispatcher::CountReplyError(Session& session, size_t reply_from, const Command* command) {
  const Buffer& out = session.replies.bytes();
  if (session.internal) return;
  const std::string_view line(out.data() + reply_from + 1, out.size() - reply_from - 1);
  const bool counted = std::exchange(session.error_counted, false);
  if (!counted) services_->stats->CountError(line.substr(0, line.find('\r')));
  if (command != nullptr) ++services_->stats->by_command[command->index].failed_calls;
}

}  // namespace torc
