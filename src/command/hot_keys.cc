#include "command/hot_keys.h"

#include <algorithm>

#include "base/hash.h"
#include "command/context.h"
#include "command/key_extraction.h"

namespace torc {
namespace {

// 1,024 counters: what makes a thousandth of the load is among them.
constexpr size_t kSetCount = 128;

size_t WireBytes(Argv argv) {
  constexpr size_t kFrameBytes = 6;  // "$5\r\n" and "\r\n"
  size_t bytes = 4;
  for (const std::string_view arg : argv) bytes += arg.size() + kFrameBytes;
  return bytes;
}

}  // namespace

HotKeys::HotKeys(const HotKeysSettings& settings, UnixMs now, const CpuTimes& before)
    : settings_(settings),
      started_(now),
      cpu_before_(before),
      rng_(static_cast<uint64_t>(now.value())),
      by_cpu_(settings.cpu ? kSetCount : 0),
      by_net_(settings.net ? kSetCount : 0) {}

void HotKeys::Note(const CommandContext& context, int64_t duration_ns, size_t reply_bytes) {
  const Command& command = context.command;
  if (!ActiveAt(context.now)) return;
  // What a script or a transaction did was noted command by command.
  if (command.spec.group == Group::kScripting || command.Has(kRunsQueue)) return;
  const auto cpu_ns = static_cast<uint64_t>(std::max<int64_t>(duration_ns, 0));
  const size_t net_bytes = WireBytes(context.argv) + reply_bytes;
  cpu_ns_ += cpu_ns;
  net_bytes_ += net_bytes;
  if (--until_sample_ > 0) return;
  // At random: what comes round in the same order would else always, or never, be looked at.
  until_sample_ = rng_.Between(1, 2 * settings_.sample_ratio - 1);
  const auto keys = KeysOf(command, context.argv);
  if (!keys || keys->empty()) return;
  for (const KeyArgument& key : *keys) {
    if ((key.use & kKeyNotKey) != 0) continue;
    const KeyRef ref = context.Key(context.argv[key.position]);
    const size_t shard = context.Owner(ref).shard_index();
    HotKeys* const there = (*context.services.shards)[shard]->stats->hot_keys.get();
    if (there == nullptr) continue;
    there->NoteKey(context, ref, {cpu_ns / keys->size() + 1, net_bytes / keys->size() + 1});
  }
}

void HotKeys::NoteKey(const CommandContext& context, const KeyRef& key, const Cost& cost) {
  const uint64_t hash = HashBytes(key.text, context.session.db.value());
  if (settings_.cpu) by_cpu_.Add(hash, key.text, cost.cpu_ns);
  if (settings_.net) by_net_.Add(hash, key.text, cost.net_bytes);
  if (settings_.size && context.command.Has(kWrite)) NoteSize(context, hash, key);
}

// Keeps the kSizedKeys largest; one that has shrunk, or is gone, makes room for another.
void HotKeys::NoteSize(const CommandContext& context, uint64_t hash, const KeyRef& key) {
  constexpr size_t kSizedKeys = 128;
  const Keyspace& keyspace = context.Owner(key);
  const Keyspace::Found found = keyspace.Peek(context.session.db, key);
  const uint64_t bytes = found ? keyspace.EntryBytes(*found.entry) : 0;
  auto at = std::find_if(by_size_.begin(), by_size_.end(),
                         [hash](const SizedKey& sized) { return sized.hash == hash; });
  if (at == by_size_.end()) {
    if (bytes == 0) return;
    if (by_size_.size() < kSizedKeys) {
      at = by_size_.insert(at, SizedKey{});
    } else {
      at = std::min_element(
          by_size_.begin(), by_size_.end(),
          [](const SizedKey& a, const SizedKey& b) { return a.item.weight < b.item.weight; });
      if (at->item.weight >= bytes) return;
    }
    at->hash = hash;
    at->item.text.assign(key.text.substr(0, HeavyHitters::kTextBytesMax));
  }
  at->item.weight = bytes;
}

void HotKeys::Stop(UnixMs now) {
  if (ActiveAt(now)) stopped_ = now;
}

int64_t HotKeys::DurationMs(UnixMs now) const {
  const int64_t ran_ms = stopped_.value_or(now).value() - started_.value();
  return settings_.duration_ms > 0 ? std::min(ran_ms, settings_.duration_ms) : ran_ms;
}

std::vector<HeavyHitters::Item> HotKeys::TopByCpu() const {
  auto items = by_cpu_.Top(settings_.count);
  for (auto& item : items) {
    item.weight = item.weight * static_cast<uint64_t>(settings_.sample_ratio) / 1000;
  }
  return items;
}

std::vector<HeavyHitters::Item> HotKeys::TopByNet() const {
  auto items = by_net_.Top(settings_.count);
  for (auto& item : items) item.weight *= static_cast<uint64_t>(settings_.sample_ratio);
  return items;
}

std::vector<HeavyHitters::Item> HotKeys::TopBySize() const {
  std::vector<HeavyHitters::Item> items;
  for (const SizedKey& sized : by_size_) {
    if (sized.item.weight > 0) items.push_back(sized.item);
  }
  std::sort(items.begin(), items.end(),
            [](const auto& a, const auto& b) { return a.weight > b.weight; });
  if (items.size() > settings_.count) items.resize(settings_.count);
  return items;
}

}  // namespace torc
