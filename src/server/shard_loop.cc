#include "server/shard_loop.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "resp/errors.h"
#include "resp/reply_writer.h"
#include "server/crash_report.h"
#include "server/scheduling.h"

namespace torc {
namespace {

// Commands looked up and prefetched together, and of one connection before others get their turn.
constexpr size_t kBatchCommandsMax = 256;
constexpr size_t kConnectionCommandsMax = 128;
// A buffer larger than this is not kept for reuse.
constexpr size_t kSpareBytesMax = size_t{16} << 10;
constexpr size_t kSparesMax = 64;
// What a client that has not shown its password may make the server keep, and how long it may take.
constexpr size_t kUnauthenticatedInputBytesMax = 16384 + 1024;
constexpr size_t kUnauthenticatedOutputBytesMax = 16384;
constexpr int64_t kUnauthenticatedMsMax = 60000;
// How long a TLS handshake may take.
constexpr int64_t kHandshakeMsMax = 10000;
constexpr int64_t kNsPerUs = 1000;
constexpr int64_t kNsPerMs = 1000000;
// A turn that takes so long is told in the log, but not more often than this.
constexpr int64_t kSlowTurnNs = 100 * kNsPerMs;
constexpr int64_t kSlowTurnPauseNs = 1000 * kNsPerMs;

}  // namespace

ShardLoop::ShardLoop(EventLoop* loop, Shard* shard, const ServerOptions* options)
    : loop_(loop),
      shard_(shard),
      options_(options),
      tick_(loop, [this] { OnTick(); }),
      deadline_timer_(loop, [] {}),
      log_(&shard->feed(), shard->index()) {
  shard_->services().busy_host = this;
  // A ring belongs to the thread that makes it: the others make theirs in Run.
  if (options->io_uring && shard->index() == 0) ring_ = SendRing::Create();
  tick_.StartOnce(1);
}

ShardLoop::~ShardLoop() {
  clients_.VisitSome(clients_.size(),
                     [this](Connection& connection) { shard_->Farewell(connection.session()); });
  shard_->services().busy_host = nullptr;
}

void ShardLoop::Serve(Stream stream, ClientId id) {
  if (!stream.is_unix()) {
    stream.SetNoDelay();
    if (options_->tcp_keepalive_s > 0) {
      stream.SetKeepAlive(static_cast<unsigned>(options_->tcp_keepalive_s));
    }
  }
  Connection* connection = clients_.Add(std::move(stream), this, id);
  if (!serves_busy()) shard_->BeginTurn();
  shard_->Welcome(connection->session(), connection->session().id);
  connection->stream().StartReading();
}

void ShardLoop::Ready(Connection* connection) {
  if (connection->queued) return;
  if (connection == busy_) {
    busy_became_ready_ = true;
    return;
  }
  connection->queued = true;
  ready_.push_back(connection);
}

void ShardLoop::Run() {
  PreferPromptWakeUps();
  if (options_->io_uring && shard_->index() > 0) ring_ = SendRing::Create();
  while (!loop_->stop_requested()) {
    loop_->RunOnce(NextWait());
    BeginTurn();
    if (!ready_.empty()) {
      const int64_t begin_ns = shard_->clock().MonoNs();
      work_began_ns_ = begin_ns;
      idle_spin_.WorkBegins(begin_ns, options_->busy_poll_us * kNsPerUs);
      const uint64_t calls_before = shard_->services().stats->total_calls;
      ExecuteReady();
      const int64_t end_ns = shard_->clock().MonoNs();
      idle_spin_.WorkEnds(end_ns);
      if (end_ns - work_began_ns_ >= kSlowTurnNs) [[unlikely]]
        NoteSlowTurn(work_began_ns_, end_ns);
      NoteWork(end_ns - begin_ns, calls_before);
    }
    ++figures_.turns;
    EndTurn();
    loop_->EndTurn();
  }
  if (group_ == nullptr) return;
  group_->world.Leave(shard_->index());
  shard_->ShareMemory(nullptr);
}

void ShardLoop::NoteWork(int64_t duration_ns, uint64_t calls_before) {
  const uint64_t calls = shard_->services().stats->total_calls;
  figures_.work_ns += duration_ns;
  figures_.work_ns_max = std::max(figures_.work_ns_max, duration_ns);
  // CONFIG RESETSTAT makes the counter smaller.
  if (calls > calls_before) {
    figures_.commands_max = std::max(figures_.commands_max, calls - calls_before);
  }
}

void ShardLoop::BeginTurn() {
  shard_->BeginTurn();
  if (log_.BeginTurn(shard_->now())) ReleaseHeld();
  if (group_ == nullptr) {
    shard_->EndDueWaits();
  } else {
    ReceiveParcels();
  }
  CollectOutput();
}

void ShardLoop::EndTurn() {
  if (background_work_) background_work_ = shard_->Tick();
  if (group_ == nullptr) {
    shard_->SendBroadcasts();
    background_steps_ = shard_->StepBackground();
  } else {
    WatchProcess();
    RunBorrowed();
  }
  CollectOutput();
  WatchDeadlines();
  log_.HandOver();
  if (group_ != nullptr) FlushParcels();
}

// Whoever else is served by this thread has waited so long.
void ShardLoop::NoteSlowTurn(int64_t begin_ns, int64_t end_ns) {
  ++figures_.slow_turns;
  if (end_ns - slow_turn_told_ns_ < kSlowTurnPauseNs) return;
  slow_turn_told_ns_ = end_ns;
  Log(LogLevel::kNotice, "Shard %zu was busy for %lld ms at a stretch (%llu times so far)",
      shard_->index(), static_cast<long long>((end_ns - begin_ns) / kNsPerMs),
      static_cast<unsigned long long>(figures_.slow_turns));
}

EventLoop::Wait ShardLoop::NextWait() {
  bool busy = !ready_.empty() || background_work_ || background_steps_ ||
              idle_spin_.ShouldSpin(shard_->clock().MonoNs(), options_->busy_poll_us * kNsPerUs);
  if (group_ != nullptr && !busy) busy = !MaySleep();
  return busy ? EventLoop::Wait::kDontWait : EventLoop::Wait::kForEvent;
}

// Connections whose clients got something they had not asked for just now, or wait no longer.
void ShardLoop::CollectOutput() {
  if (shard_->outbox().empty()) return;
  shard_->outbox().Take(&noted_);
  for (const Session* session : noted_) {
    if (Connection* connection = clients_.Find(session->id)) Ready(connection);
  }
}

// The loop wakes when the first of the blocked clients has waited long enough.
void ShardLoop::WatchDeadlines() {
  if (shard_->index() > 0) return;  // the first shard watches for all
  const int64_t deadline_ns = shard_->next_deadline_ns();
  if (deadline_ns == watched_deadline_ns_) return;
  watched_deadline_ns_ = deadline_ns;
  if (deadline_ns == BlockingTable::kNoDeadline) return deadline_timer_.Stop();
  const int64_t left_ns = std::max<int64_t>(deadline_ns - shard_->clock().MonoNs(), 1);
  deadline_timer_.StartOnce(static_cast<uint64_t>((left_ns + kNsPerMs - 1) / kNsPerMs));
}

void ShardLoop::ExecuteReady() {
  serving_.clear();
  serving_.swap(ready_);
  served_ = 0;
  for (Connection* connection : serving_) connection->queued = false;
  while (served_ < serving_.size()) {
    batch_.Clear();
    prepared_.clear();
    works_.clear();
    ParseBatch();
    LimitLargeRequests();
    if (prepared_.size() > 1) PrefetchBatch();
    for (executing_ = 0; executing_ < works_.size(); ++executing_) Execute();
    // Within a command that takes long nobody is told of any data.
    if (!serves_busy()) {
      if (group_ == nullptr) shard_->SendBroadcasts();
      log_.HandOver();
    }
    FinishBatch();
    if (group_ != nullptr && !serves_busy()) LendIfAsked();
  }
  LimitClients();
  // The list keeps its memory for the next turn, unless connections became ready again meanwhile.
  serving_.clear();
  if (ready_.empty()) ready_.swap(serving_);
}

void ShardLoop::PrefetchBatch() {
  const auto prepared = [&](const Work& work) {
    return std::span(prepared_).subspan(work.first_command, work.command_count);
  };
  bool parts = false;
  for (const Work& work : works_) {
    parts |= shard_->PrefetchEntries(work.connection->session(), prepared(work));
  }
  if (!parts) return;
  for (const Work& work : works_) {
    shard_->PrefetchParts(work.connection->session(), prepared(work));
  }
}

void ShardLoop::FinishBatch() {
  if (log_.attached() && !serves_busy()) HoldReplies();
  if (group_ != nullptr) exchange_->SendNotices();
  // Replies beyond the hard limit are not even begun, however fast the client reads. As in Redis
  // what fits into a client's fixed buffer does not count.
  constexpr size_t kFixedBufferBytes = 16384;
  for (const Work& work : works_) {
    Connection& connection = *work.connection;
    const uint64_t hard_bytes = options_->output_limits.Of(connection.client_class()).hard_bytes;
    const bool may_be_over =
        hard_bytes > 0 && connection.pending_output_bytes() > hard_bytes + kFixedBufferBytes;
    if (may_be_over && OverOutputLimit(connection)) connection.Kill();
  }
  SendReplies();
  for (const Work& work : works_) Finish(work);
}

void ShardLoop::ParseBatch() {
  while (served_ < serving_.size() && batch_.commands.size() < kBatchCommandsMax) {
    works_.push_back(Parse(serving_[served_++]));
  }
  for (const Work& work : works_) {
    shard_->Prepare(work.connection->session(), batch_, work.first_command, work.command_count,
                    &prepared_);
  }
}

ShardLoop::Work ShardLoop::Parse(Connection* connection) {
  Work work{connection, batch_.commands.size(), 0, 0, false, false};
  const Session& session = connection->session();
  if (connection->deferred || connection->waiting != Waiting::kNothing) return work;
  if (session.blocked != nullptr || session.close_after_reply || connection->killed()) return work;
  const ParseLimits limits{
      .bulk_bytes_max = static_cast<uint64_t>(shard_->services().options->proto_max_bulk_bytes),
      .authenticated = session.authenticated};
  const size_t commands_max = session.authenticated ? kConnectionCommandsMax : 1;
  const std::string_view bytes = connection->input().bytes();
  if (bytes.empty()) return work;
  const auto result =
      connection->parser().Take(bytes, commands_max, limits, &batch_, &work.wire_bytes);
  work.command_count = batch_.commands.size() - work.first_command;
  work.broken = result == RequestParser::Result::kError;
  return work;
}

size_t ShardLoop::RunCommands(const Work& work) {
  Session& session = work.connection->session();
  shard_->BeginBatch();
  for (size_t i = 0; i < work.command_count; ++i) {
    const Argv argv = batch_.Args(batch_.commands[work.first_command + i]);
    NoteExecuting(argv.data(), argv.size());
    const Outcome outcome = shard_->Execute(session, argv, prepared_[work.first_command + i]);
    if (busy_ == work.connection) [[unlikely]] {
      EndBusy();
      // Who stood back comes first.
      if (outcome == Outcome::kDone && i + 1 < work.command_count) {
        Ready(work.connection);
        return i + 1;
      }
    }
    if (outcome != Outcome::kDone) [[unlikely]] {
      if (outcome == Outcome::kDeferred) {
        work.connection->deferred = true;
        deferred_.push_back(work.connection);
      }
      if (outcome == Outcome::kDeferred || outcome == Outcome::kMustBorrow) return i;
      if (outcome == Outcome::kBlocked) return i + 1;
    }
    if (session.close_after_reply) return i + 1;
  }
  return work.command_count;
}

void ShardLoop::PutBack(const Work& work, size_t run) {
  Connection& connection = *work.connection;
  connection.parser().Reset();
  // Where the last command ended is not kept: empty requests between commands leave no trace.
  RequestBatch again;
  size_t wire_bytes = 0;
  ParseLimits limits;
  limits.bulk_bytes_max = std::numeric_limits<int64_t>::max();
  const auto result = run == 0 ? RequestParser::Result::kComplete
                               : connection.parser().Take(connection.input().bytes(), run, limits,
                                                          &again, &wire_bytes);
  TORC_CHECK(result == RequestParser::Result::kComplete, "what was parsed once is parsed again");
  connection.parser().Reset();
  connection.input().Consume(wire_bytes);
}

void ShardLoop::Execute() {
  const Work work = works_[executing_];  // the list may change meanwhile
  Connection& connection = *work.connection;
  Session& session = connection.session();
  if (connection.killed()) return;  // by a command before its own
  TakeSpare(session);
  const size_t run = RunCommands(work);
  NoteExecuting(nullptr, 0);
  if (run < work.command_count || session.blocked != nullptr) return PutBack(work, run);
  connection.input().Consume(work.wire_bytes);
  if (work.broken && !session.close_after_reply) AnswerBroken(connection);
  // The parser stopped because it had parsed enough, not because there is no more.
  works_[executing_].has_more =
      !work.broken && run > 0 && !connection.input().empty() && connection.parser().idle();
}

void ShardLoop::TakeSpare(Session& session) {
  if (session.replies.bytes().capacity() > 0 || spares_.empty()) return;
  session.replies.bytes().Swap(spares_.back());
  spares_.pop_back();
}

void ShardLoop::GiveSpare(Session& session) {
  Buffer& bytes = session.replies.bytes();
  if (!bytes.empty() || bytes.capacity() == 0) return;
  if (bytes.capacity() <= kSpareBytesMax && spares_.size() < kSparesMax) {
    spares_.push_back(std::move(bytes));
  } else {
    bytes.Release();
  }
}

void ShardLoop::SendReplies() {
  if (ring_ == nullptr || works_.size() < 2 || serves_busy()) {
    for (const Work& work : works_) work.connection->Flush(log_.horizon());
    return;
  }
  for (size_t at = 0; at < works_.size();) {
    const size_t first = at;
    std::vector<size_t>& sizes = sendable_bytes_;
    sizes.clear();
    for (; at < works_.size() && ring_->size() < SendRing::kSendsMax; ++at) {
      const std::string_view sendable = works_[at].connection->Sendable(log_.horizon());
      sizes.push_back(sendable.size());
      if (!sendable.empty()) ring_->Add(works_[at].connection->stream().descriptor(), sendable);
    }
    const std::vector<int>& results = ring_->Submit();
    size_t result = 0;
    for (size_t i = first; i < at; ++i) {
      const size_t sendable_bytes = sizes[i - first];
      if (sendable_bytes > 0) works_[i].connection->Sent(sendable_bytes, results[result++]);
    }
  }
}

void ShardLoop::AnswerBroken(Connection& connection) {
  Session& session = connection.session();
  ReplyWriter reply(&session.replies.bytes(), session.protocol);
  reply.Error(connection.parser().error());
  shard_->services().stats->CountError("ERR");
  session.close_after_reply = true;
  const std::string_view bytes = connection.input().bytes();
  Log(LogLevel::kVerbose, "Protocol error (%.*s) from client: %s. Query buffer: '%s'",
      static_cast<int>(connection.parser().error().size()), connection.parser().error().data(),
      connection.stream().PeerAddress().c_str(), Escaped(bytes.substr(0, 80)).c_str());
}

void ShardLoop::Finish(const Work& work) {
  Connection& connection = *work.connection;
  Session& session = connection.session();
  const bool has_more = work.has_more;
  GiveSpare(session);
  // Who said farewell is heard to the end; of who was killed, or is gone, nothing more runs.
  const bool goes_on = has_more && !session.close_after_reply && !connection.killed();
  if (connection.ended() && !goes_on) return Close(&connection);
  if (session.close_after_reply && connection.drained()) return Close(&connection);
  if (OverOutputLimit(connection)) return Close(&connection);
  if (session.replies.held() && !connection.held) {
    connection.held = true;
    held_.push_back(&connection);
    log_.AwaitRelease();
  }
  connection.input().Settle();
  size_t input_bytes = connection.input().bytes().size();
  if (session.transaction != nullptr) input_bytes += session.transaction->allocated_bytes();
  const auto input_bytes_max = session.authenticated
                                   ? static_cast<size_t>(options_->query_buffer_bytes_max)
                                   : kUnauthenticatedInputBytesMax;
  if (!has_more && input_bytes > input_bytes_max) {
    ++clients_.figures().query_limit_disconnections;
    Log(LogLevel::kWarning, "Closing client %s that reached max query buffer length",
        connection.stream().PeerAddress().c_str());
    return Close(&connection);
  }
  clients_.Count(&connection);
  if (has_more) return Ready(&connection);
  MakeRoomFor(connection);
}

bool ShardLoop::OverOutputLimit(Connection& connection) {
  const size_t pending_bytes = connection.pending_output_bytes();
  if (pending_bytes == 0) return false;
  const OutputLimit& limit = options_->output_limits.Of(connection.client_class());
  bool over = limit.hard_bytes > 0 && pending_bytes > limit.hard_bytes;
  over |= !connection.session().authenticated && pending_bytes > kUnauthenticatedOutputBytesMax;
  if (limit.soft_bytes > 0 && pending_bytes > limit.soft_bytes) {
    const int64_t now_ms = shard_->now().value();
    if (connection.soft_limit_since_ms == 0) connection.soft_limit_since_ms = now_ms;
    over |= now_ms - connection.soft_limit_since_ms > limit.soft_seconds * 1000;
  } else {
    connection.soft_limit_since_ms = 0;
  }
  if (over) {
    ++clients_.figures().output_limit_disconnections;
    Log(LogLevel::kWarning,
        "Client %s scheduled to be closed ASAP for overcoming of output buffer limits.",
        connection.stream().PeerAddress().c_str());
  }
  return over;
}

void ShardLoop::Close(Connection* connection) {
  if (group_ != nullptr && !MayClose(*connection)) return;
  if (connection->queued) std::erase(ready_, connection);
  if (connection->deferred) std::erase(deferred_, connection);
  shard_->Farewell(connection->session());
  if (connection->held) std::erase(held_, connection);
  clients_.Remove(connection);
}

// One hold for all that a client got this turn: the last of what it may show lies behind the rest.
// Replies of commands that touch no key (PING) do not wait; what other clients' commands sent does.
void ShardLoop::HoldReplies() {
  for (const Work& work : works_) {
    bool touched_keys = work.command_count == 0;
    for (size_t i = 0; i < work.command_count && !touched_keys; ++i) {
      const PreparedCommand& prepared = prepared_[work.first_command + i];
      touched_keys = prepared.key.text.data() != nullptr ||
                     (prepared.command != nullptr &&
                      (prepared.command->Has(kWrite) || prepared.command->Has(kRunsQueue)));
    }
    work.connection->session().replies.HoldNew(log_.Condition(touched_keys));
  }
}

void ShardLoop::ReleaseHeld() {
  std::vector<Connection*> held;
  held.swap(held_);
  for (Connection* connection : held) {
    connection->held = false;
    Ready(connection);
  }
}

void ShardLoop::DropHeld() {
  for (Connection* connection : held_) connection->Kill();
  ReleaseHeld();
}

void ShardLoop::RetryDeferred() {
  std::vector<Connection*> deferred;
  deferred.swap(deferred_);
  for (Connection* connection : deferred) {
    connection->deferred = false;
    Ready(connection);
  }
}

void ShardLoop::CloseAll() {
  std::vector<Connection*> all;
  clients_.VisitSome(clients_.size(), [&](Connection& connection) {
    connection.Flush(log_.horizon());
    all.push_back(&connection);
  });
  for (Connection* connection : all) Close(connection);
}

void ShardLoop::OnTick() {
  if (serves_busy()) return tick_.StartOnce(static_cast<uint64_t>(1000 / options_->hz));
  const int64_t begin_ns = shard_->clock().MonoNs();
  background_work_ |= shard_->Tick();
  if (group_ != nullptr && shard_->index() == 0) RunAlone([this] { shard_->TickProcess(); });
  // Every client is looked at about once a second.
  clients_.VisitSome(clients_.size() / static_cast<size_t>(options_->hz) + 5,
                     [&](Connection& connection) { CheckClient(connection); });
  LimitClients();
  shard_->eviction().budget().set_uncounted_bytes(log_.waiting_bytes());
  SampleRates();
  figures_.tick_ns += shard_->clock().MonoNs() - begin_ns;
  tick_.StartOnce(static_cast<uint64_t>(1000 / options_->hz));
}

void ShardLoop::CheckClient(Connection& connection) {
  const Session& session = connection.session();
  const int64_t now_ms = shard_->now().value();
  const bool waits = connection.deferred || &connection == busy_ || session.blocked != nullptr ||
                     session.subscriptions != nullptr || session.monitor;
  clients_.Count(&connection);
  const bool silent = options_->timeout_s > 0 && !waits &&
                      now_ms - session.last_used_unix_ms > options_->timeout_s * 1000;
  const int64_t age_ms = now_ms - session.created_unix_ms;
  const bool dawdling = (!session.authenticated && age_ms > kUnauthenticatedMsMax) ||
                        (connection.stream().handshaking() && age_ms > kHandshakeMsMax);
  if (silent) Log(LogLevel::kVerbose, "Closing idle client");
  if (silent || dawdling || OverOutputLimit(connection)) {
    connection.Kill();
    connection.session().close_after_reply = true;
    Ready(&connection);
  }
}

void ShardLoop::SampleRates() {
  const int64_t now_ns = shard_->clock().MonoNs();
  const int64_t elapsed_ns = now_ns - sampled_ns_;
  if (elapsed_ns < 1000000000) return;
  const auto per_s = [elapsed_ns](uint64_t count) {
    return static_cast<uint64_t>(static_cast<double>(count) * 1e9 /
                                 static_cast<double>(elapsed_ns));
  };
  const uint64_t commands = shard_->services().stats->total_calls;
  const uint64_t in = clients_.TotalBytesIn();
  const uint64_t out = clients_.TotalBytesOut();
  // CONFIG RESETSTAT makes counters smaller: then the rate of this second is not known.
  if (sampled_ns_ != 0 && commands >= sampled_commands_) {
    figures_.turns_per_s = per_s(figures_.turns - sampled_turns_);
    figures_.commands_per_s = per_s(commands - sampled_commands_);
    figures_.bytes_in_per_s = per_s(in - sampled_in_);
    figures_.bytes_out_per_s = per_s(out - sampled_out_);
  }
  sampled_ns_ = now_ns;
  sampled_commands_ = commands;
  sampled_turns_ = figures_.turns;
  sampled_in_ = in;
  sampled_out_ = out;
}

}  // namespace torc
