#include "command/dispatcher.h"

#include <algorithm>
#include <string>

#include "base/log.h"
#include "base/text.h"
#include "command/key_extraction.h"
#include "resp/errors.h"

namespace torc {
namespace {

// Redis's text for a command that does not exist, with the beginning of its arguments.
void ReplyUnknown(ReplyWriter& reply, Argv argv) {
  errors::UnknownCommand error(argv[0]);
  for (const std::string_view argument : argv.subspan(1)) error.AddArgument(argument);
  reply.Error(error.text());
}

// Words that a web browser sends, made to by a page that wants to reach this server through it.
bool IsHttp(std::string_view name) {
  return EqualsIgnoreCase(name, "POST") || EqualsIgnoreCase(name, "Host:");
}

bool ArityFits(const Command& command, size_t argc) {
  const int arity = command.spec.arity.value;
  const auto count = static_cast<int>(std::min<size_t>(argc, 1U << 30));
  return arity >= 0 ? count == arity : count >= -arity;
}

}  // namespace

PreparedCommand Dispatcher::Prepare(const Session& session, Argv argv) const {
  PreparedCommand prepared;
  prepared.command = Find(session, argv[0]);
  if (prepared.command == nullptr) return prepared;
  const uint32_t position = FirstKeyPosition(*prepared.command, argv.size());
  if (position == 0) return prepared;
  const Dataset& dataset = *services_->dataset;
  prepared.key = dataset.shards()[0]->Ref(argv[position]);
  dataset.Owner(prepared.key.partition).Prefetch(session.db, prepared.key);
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
      reply.Error(errors::UnknownSubcommand(argv[0], argv[1]));
      return nullptr;
    }
    command = sub;
  }
  if (!ArityFits(*command, argv.size()) || command->handler == nullptr) {
    if (services_->stats != nullptr) ++services_->stats->by_command[command->index].rejected_calls;
    reply.Error(errors::WrongArgumentCount(command->full_name));
    return nullptr;
  }
  return command;
}

// Why the disk keeps this command away; empty if it does not.
std::string_view Dispatcher::RefusalOfGate(const Command& command) const {
  const CommandGate& gate = *services_->gate;
  if (command.Has(kWrite) || command.full_name == "ping") {
    if (!gate.snapshot_failure.empty()) return gate.snapshot_failure;
    if (!gate.log_failure.empty()) return gate.log_failure;
  }
  if (gate.loading && !command.Has(kLoading)) return errors::kLoading;
  return {};
}

bool Dispatcher::Admit(Session& session, const Command& command, Argv argv, ReplyWriter& reply) {
  (void)argv;
  if (session.internal) return true;
  if (!session.authenticated && !command.Has(kNoAuth) && !services_->options->requirepass.empty()) {
    ++services_->stats->by_command[command.index].rejected_calls;
    reply.Error(errors::kNoAuth);
    return false;
  }
  if (services_->gate->closed()) [[unlikely]] {
    const std::string_view refusal = RefusalOfGate(command);
    if (refusal.empty()) return true;
    ++services_->stats->by_command[command.index].rejected_calls;
    reply.Error(refusal);
    return false;
  }
  return true;
}

Outcome Dispatcher::Execute(Session& session, Argv argv, const PreparedCommand& prepared,
                            UnixMs now) {
  Buffer& out = session.replies.bytes();
  ReplyWriter reply(&out, session.protocol);
  const size_t reply_from = out.size();
  if (session.reply_mode == ReplyMode::kSkipNext) session.reply_mode = ReplyMode::kSkipThis;
  session.last_used_unix_ms = now.value();
  const Command* command = Resolve(session, argv, prepared.command, reply);
  if (command == nullptr || !Admit(session, *command, argv, reply)) {
    Finish(session, reply_from, nullptr);
    return Outcome::kDone;
  }
  const PauseState& pause = *services_->pause;
  if (__builtin_expect(pause.mode != PauseMode::kNone, 0) && pause.ActiveAt(now) &&
      !session.internal &&
      (pause.mode == PauseMode::kAll || command->Has(kWrite) || command->Has(kMayReplicate)) &&
      command->full_name != "client|unpause" && command->full_name != "client|pause") {
    return Outcome::kDeferred;
  }
  Run(session, *command, argv, prepared.key, reply, now);
  Finish(session, reply_from, command);
  return Outcome::kDone;
}

void Dispatcher::Run(Session& session, const Command& command, Argv argv, const KeyRef& hint,
                     ReplyWriter& reply, UnixMs now) {
  session.last_command = &command.spec;
  CommandContext context(command, argv, session, reply, now, *services_, &changes_);
  if (hint.text.data() != nullptr) context.set_key_hint(hint);
  command.handler(context, ArgCursor(argv, command.container == nullptr ? 1 : 2));
  const int64_t begin_ns = last_ns_;
  last_ns_ = services_->clock->MonoNs();
  Account(context, last_ns_ - begin_ns);
  if (changes_.changes == 0 && changes_.events.empty()) return changes_.ForgetReplays();
  services_->dataset->shards()[0]->stats().changes += changes_.changes;
  if (context.recording()) EmitEffects(session, command, argv);
  changes_.Clear();
}

void Dispatcher::Account(const CommandContext& context, int64_t duration_ns) {
  Session& session = context.session;
  if (session.internal) return;
  CommandStats& stats = *services_->stats;
  CommandFigures& figures = stats.by_command[context.command.index];
  ++figures.calls;
  ++stats.total_calls;
  ++session.commands;
  figures.duration_ns += static_cast<uint64_t>(duration_ns);
  if (stats.track_latency) figures.latency.Add(static_cast<uint64_t>(duration_ns));
  if (!services_->slowlog->Wants(duration_ns / 1000) || context.command.Has(kSkipSlowlog)) return;
  std::string address;
  if (services_->clients != nullptr) {
    address = services_->clients->TransportOf(session).peer_address;
  }
  services_->slowlog->Add(context.argv, context.redacted_args(), context.now.value() / 1000,
                          duration_ns / 1000, std::move(address), session.name);
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

void Dispatcher::CountReplyError(const Session& session, size_t reply_from,
                                 const Command* command) {
  const Buffer& out = session.replies.bytes();
  if (session.internal) return;
  const std::string_view line(out.data() + reply_from + 1, out.size() - reply_from - 1);
  services_->stats->CountError(line.substr(0, line.find('\r')));
  if (command != nullptr) ++services_->stats->by_command[command->index].failed_calls;
}

void Dispatcher::ApplyReplyMode(Session& session, size_t reply_from) {
  session.replies.bytes().Truncate(reply_from);
  if (session.reply_mode == ReplyMode::kSkipThis) session.reply_mode = ReplyMode::kOn;
}

}  // namespace torc
