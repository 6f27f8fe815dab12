#include "command/tracking.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "command/key_extraction.h"
#include "command/services.h"
#include "resp/reply_writer.h"
#include "store/key_change.h"

namespace torc {
namespace {

constexpr std::string_view kInvalidationChannel = "__redis__:invalidate";

std::string EncodedKeys(const std::vector<std::string_view>& keys) {
  Buffer out;
  ReplyWriter writer(&out, 3);
  writer.Array(keys.size());
  for (const std::string_view key : keys) writer.Bulk(key);
  return std::string(out.view());
}

}  // namespace

TrackingTable::~TrackingTable() {
  if (sessions_.empty()) return;
  for (TrackingFeed* feed : feeds_) feed->Leave();
}

void TrackingFeed::OnEffect(const Effect& effect) {
  if (*exclusive_) return table_->OnEffect(effect);
  for (const KeyEvent& event : effect.events) {
    if (!ChangesKey(event, effect) || !table_->Observes(event.key)) continue;
    kept_.emplace_back(event.db, event.key);
  }
}

void TrackingFeed::TellKept() {
  for (const auto& [db, key] : kept_) {
    const KeyEvent event{EventClass::kExpired, "expired", key, db};
    table_->OnEffect({.db = db, .args = {}, .events = {&event, 1}});
  }
  kept_.clear();
}

bool TrackingTable::Observes(std::string_view key) const {
  if (sessions_.empty()) return false;
  if (!readers_.empty() && readers_.contains(std::string(key))) return true;
  return std::any_of(prefixes_.begin(), prefixes_.end(),
                     [key](const auto& prefix) { return StartsWith(key, prefix.first); });
}

void TrackingTable::Enable(Session& session, TrackingMode mode) {
  if (session.tracking == nullptr) {
    session.tracking = std::make_unique<TrackingMode>();
    if (sessions_.empty()) {
      for (TrackingFeed* feed : feeds_) feed->Follow();
    }
    sessions_.emplace(session.id.value(), &session);
  }
  std::vector<std::string> prefixes = std::move(session.tracking->prefixes);
  for (std::string& prefix : mode.prefixes) {
    if (std::find(prefixes.begin(), prefixes.end(), prefix) != prefixes.end()) continue;
    ++prefixes_[prefix].client_count;
    prefixes.push_back(std::move(prefix));
  }
  mode.prefixes = std::move(prefixes);
  *session.tracking = std::move(mode);
}

void TrackingTable::Disable(Session& session) {
  if (session.tracking == nullptr) return;
  for (const std::string& prefix : session.tracking->prefixes) {
    const auto it = prefixes_.find(prefix);
    if (--it->second.client_count == 0) prefixes_.erase(it);
  }
  session.tracking.reset();
  sessions_.erase(session.id.value());
  if (!sessions_.empty()) return;
  for (TrackingFeed* feed : feeds_) feed->Leave();
  readers_.clear();
  item_count_ = 0;
}

void TrackingTable::RememberKeys(Session& session, const Command& command, Argv argv) {
  const TrackingMode& mode = *session.tracking;
  if (mode.broadcast || (mode.opt_in && mode.caching != TrackingMode::Caching::kYes) ||
      (mode.opt_out && mode.caching == TrackingMode::Caching::kNo)) {
    return;
  }
  const auto keys = KeysOf(command, argv);
  if (!keys) return;
  const uint64_t id = session.id.value();
  for (const KeyArgument& key : *keys) {
    if ((key.use & kKeyNotKey) != 0) continue;
    std::vector<uint64_t>& ids = readers_[std::string(argv[key.position])];
    const auto at = std::lower_bound(ids.begin(), ids.end(), id);
    if (at != ids.end() && *at == id) continue;
    ids.insert(at, id);
    ++item_count_;
  }
  TrimTable();
}

void TrackingTable::TrimTable() {
  const auto keys_max = static_cast<size_t>(services_->options->tracking_table_keys_max);
  while (keys_max > 0 && readers_.size() > keys_max) {
    const std::string key = readers_.begin()->first;
    ForgetKey(key, {});
  }
}

void TrackingTable::ForgetKey(std::string_view key, ClientId changed_by) {
  const auto it = readers_.find(std::string(key));
  if (it == readers_.end()) return;
  const std::vector<uint64_t> ids = std::move(it->second);
  readers_.erase(it);
  item_count_ -= ids.size();
  const std::string encoded = EncodedKeys({key});
  for (const uint64_t id : ids) {
    const auto session = sessions_.find(id);
    if (session == sessions_.end() || session->second->tracking->broadcast) continue;
    if (session->second->tracking->no_loop && session->second->id == changed_by) continue;
    SendMessage(*session->second, encoded);
  }
}

void TrackingTable::InvalidateAll() {
  for (const auto& [id, session] : sessions_) {
    SendMessage(*session, session->protocol == 2 ? "$-1\r\n" : "_\r\n");
  }
  readers_.clear();
  item_count_ = 0;
}

Session* TrackingTable::Target(Session& session) {
  TrackingMode& mode = *session.tracking;
  if (mode.redirect == ClientId{}) return &session;
  Session* target =
      services_->clients == nullptr ? nullptr : services_->clients->SessionOf(mode.redirect);
  if (target != nullptr) return target;
  mode.redirect_broken = true;
  if (session.protocol == 2) return nullptr;
  Buffer out;
  ReplyWriter writer(&out, 3);
  writer.Push(2);
  writer.Bulk("tracking-redir-broken");
  writer.Integer(static_cast<int64_t>(mode.redirect.value()));
  services_->outbox->Send(session, out.view());
  return nullptr;
}

void TrackingTable::SendMessage(Session& session, std::string_view keys) {
  Session* target = Target(session);
  if (target == nullptr) return;
  Buffer out;
  ReplyWriter writer(&out, target->protocol);
  if (target->protocol > 2) {
    writer.Push(2);
    writer.Bulk("invalidate");
  } else if (target != &session && target->subscriptions != nullptr) {
    writer.Push(3);
    writer.Bulk("message");
    writer.Bulk(kInvalidationChannel);
  } else {
    return;  // RESP2 has no way to say it
  }
  writer.Raw(keys);
  services_->outbox->Send(*target, out.view());
}

void TrackingTable::OnEffect(const Effect& effect) {
  for (const KeyEvent& event : effect.events) {
    if (!ChangesKey(event, effect)) continue;
    ForgetKey(event.key, effect.client);
    for (auto& [prefix, gathered] : prefixes_) {
      if (!StartsWith(event.key, prefix)) continue;
      gathered.changed[std::string(event.key)] = effect.client;
      broadcasts_pending_ = true;
    }
  }
}

void TrackingTable::SendGathered() {
  broadcasts_pending_ = false;
  for (auto& [prefix, gathered] : prefixes_) {
    if (gathered.changed.empty()) continue;
    const std::map<std::string, ClientId> changed = std::move(gathered.changed);
    gathered.changed.clear();
    for (const auto& [id, session] : sessions_) {
      const TrackingMode& mode = *session->tracking;
      if (std::find(mode.prefixes.begin(), mode.prefixes.end(), prefix) == mode.prefixes.end()) {
        continue;
      }
      std::vector<std::string_view> keys;
      for (const auto& [key, changed_by] : changed) {
        if (!mode.no_loop || changed_by != session->id) keys.push_back(key);
      }
      if (!keys.empty()) SendMessage(*session, EncodedKeys(keys));
    }
  }
}

}  // namespace torc
