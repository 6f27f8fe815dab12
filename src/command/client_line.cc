#include "command/client_line.h"

#include <algorithm>

#include "base/text.h"
#include "command/acl_users.h"
#include "torc/command.h"

namespace torc {
namespace {

constexpr size_t kReplyBufferBytes = 16384;

void Add(std::string* line, std::string_view name, std::string_view value) {
  if (!line->empty()) *line += ' ';
  line->append(name).append("=").append(value);
}

void AddNumber(std::string* line, std::string_view name, uint64_t value) {
  Add(line, name, DecimalText::Unsigned(value).view());
}

uint64_t SubscriptionCount(const Session& session, ChannelKind kind) {
  return session.subscriptions == nullptr ? 0 : session.subscriptions->Count(kind);
}

bool WatchesChanged(const Session& session, UnixMs now) {
  return std::any_of(session.watches.begin(), session.watches.end(), [now](const auto& watched) {
    return watched.first->Changed(watched.second, now);
  });
}

// Redis's letters for what is special about a client; N if nothing is.
std::string FlagLetters(const Session& session, const Transport& transport, UnixMs now) {
  std::string letters;
  if (session.monitor) letters += 'O';
  if (session.subscriptions != nullptr) letters += 'P';
  if (session.transaction != nullptr) letters += 'x';
  if (session.blocked != nullptr) letters += 'b';
  if (session.tracking != nullptr) {
    letters += 't';
    if (session.tracking->redirect_broken) letters += 'R';
    if (session.tracking->broadcast) letters += 'B';
  }
  if (WatchesChanged(session, now)) letters += 'd';
  if (session.close_after_reply) letters += 'c';
  if (transport.unix_socket) letters += 'U';
  if (session.readonly) letters += 'r';
  if (session.no_evict) letters += 'e';
  if (session.no_touch) letters += 'T';
  return letters.empty() ? "N" : letters;
}

std::string LastCommand(const Session& session) {
  const CommandSpec* spec = session.last_command;
  if (spec == nullptr) return "NULL";
  if (spec->parent.empty()) return std::string(spec->name);
  return std::string(spec->parent) + "|" + std::string(spec->name);
}

uint64_t SecondsSince(int64_t then_ms, UnixMs now) {
  return static_cast<uint64_t>(std::max<int64_t>(now.value() - then_ms, 0) / 1000);
}

}  // namespace

std::string ClientLine(const Session& session, const Transport& transport, UnixMs now,
                       size_t argument_bytes) {
  std::string line;
  AddNumber(&line, "id", session.id.value());
  Add(&line, "addr", transport.peer_address);
  Add(&line, "laddr", transport.local_address);
  Add(&line, "fd", DecimalText(transport.descriptor).view());
  Add(&line, "name", session.name);
  AddNumber(&line, "age", SecondsSince(session.created_unix_ms, now));
  AddNumber(&line, "idle", SecondsSince(session.last_used_unix_ms, now));
  Add(&line, "flags", FlagLetters(session, transport, now));
  AddNumber(&line, "db", session.db.value());
  AddNumber(&line, "sub", SubscriptionCount(session, ChannelKind::kChannel));
  AddNumber(&line, "psub", SubscriptionCount(session, ChannelKind::kPattern));
  AddNumber(&line, "ssub", SubscriptionCount(session, ChannelKind::kShardChannel));
  const Transaction* transaction = session.transaction.get();
  Add(&line, "multi",
      DecimalText(transaction == nullptr ? -1 : static_cast<int64_t>(transaction->size())).view());
  AddNumber(&line, "qbuf", transport.query_bytes);
  AddNumber(&line, "qbuf-free", transport.query_free_bytes);
  AddNumber(&line, "argv-mem", argument_bytes);
  AddNumber(&line, "multi-mem", transaction == nullptr ? 0 : transaction->allocated_bytes());
  AddNumber(&line, "rbs", transport.output_buffer_bytes);
  AddNumber(&line, "rbp", transport.output_buffer_bytes);
  // Where Redis has a fixed buffer and, beyond it, a list.
  const size_t first_bytes = std::min(transport.output_pending_bytes, kReplyBufferBytes);
  const size_t listed_bytes = transport.output_pending_bytes - first_bytes;
  AddNumber(&line, "obl", first_bytes);
  AddNumber(&line, "oll", listed_bytes > 0 ? 1 : 0);
  AddNumber(&line, "omem", listed_bytes);
  AddNumber(&line, "tot-mem", transport.total_bytes);
  Add(&line, "events", "r");
  Add(&line, "cmd", LastCommand(session));
  Add(&line, "user", session.user == nullptr ? "(superuser)" : session.user->name());
  const TrackingMode* tracking = session.tracking.get();
  Add(&line, "redir",
      DecimalText(tracking == nullptr ? -1 : static_cast<int64_t>(tracking->redirect.value()))
          .view());
  AddNumber(&line, "resp", static_cast<uint64_t>(session.protocol));
  Add(&line, "lib-name", session.lib_name);
  Add(&line, "lib-ver", session.lib_version);
  return line;
}

std::optional<ClientType> ParseClientType(std::string_view name) {
  if (EqualsIgnoreCase(name, "normal")) return ClientType::kNormal;
  if (EqualsIgnoreCase(name, "slave")) return ClientType::kReplica;
  if (EqualsIgnoreCase(name, "replica")) return ClientType::kReplica;
  if (EqualsIgnoreCase(name, "pubsub")) return ClientType::kPubsub;
  if (EqualsIgnoreCase(name, "master")) return ClientType::kMaster;
  return std::nullopt;
}

ClientType TypeOf(const Session& session) {
  return session.subscriptions != nullptr ? ClientType::kPubsub : ClientType::kNormal;
}

}  // namespace torc
