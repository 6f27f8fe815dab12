#include "command/process_totals.h"

#include <algorithm>
#include <string>
#include <utility>

#include "command/pubsub.h"

namespace torc {

CommandFigures TotalFigures(const Services& services, const Command& command) {
  CommandFigures total;
  for (const Services* shard : *services.shards) {
    const CommandFigures& figures = shard->stats->by_command[command.index];
    total.calls += figures.calls;
    total.duration_ns += figures.duration_ns;
    total.rejected_calls += figures.rejected_calls;
    total.failed_calls += figures.failed_calls;
    if (figures.latency.count() > 0) total.latency.Merge(figures.latency);
  }
  return total;
}

CommandStats TotalStats(const Services& services) {
  CommandStats total;
  total.memory_at_start_bytes = services.shards->front()->stats->memory_at_start_bytes;
  for (const Services* shard : *services.shards) {
    const CommandStats& stats = *shard->stats;
    for (const auto& [word, count] : stats.errors) total.errors[word] += count;
    total.total_errors += stats.total_errors;
    total.total_calls += stats.total_calls;
    total.NoteMemory(stats.memory_peak_bytes);
  }
  return total;
}

Slowlog& GatheredSlowlog(const Services& services) {
  for (const Services* shard : *services.shards) {
    if (shard->slowlog != services.shards->front()->slowlog) {
      services.shards->front()->slowlog->TakeFrom(*shard->slowlog);
    }
  }
  return *services.shards->front()->slowlog;
}

std::map<std::string, size_t> AllChannels(const Services& services, ChannelKind kind) {
  std::map<std::string, size_t> out;
  for (const Services* shard : *services.shards) {
    shard->pubsub->ForEach(
        kind, [&out](const Channel& channel) { out[channel.name] += channel.subscribers.size(); });
  }
  return out;
}

size_t CountChannels(const Services& services, ChannelKind kind) {
  return services.router == nullptr ? services.pubsub->Count(kind)
                                    : AllChannels(services, kind).size();
}

void OnFirstShard(const Services& services, std::function<void()> work) {
  const bool here =
      services.router == nullptr || *services.exclusive || services.keyspace->shard_index() == 0;
  here ? work() : services.router->Notify(0, std::move(work));
}

size_t PublishToAll(const Services& services, ChannelKind kind, std::string_view channel,
                    std::string_view message) {
  size_t receivers = services.pubsub->Publish(kind, channel, message);
  if (services.router == nullptr) [[likely]]
    return receivers;
  for (size_t i = 0; i < services.shards->size(); ++i) {
    const Services& shard = *(*services.shards)[i];
    if (&shard == &services) continue;
    const size_t count = shard.pubsub->ReceiverCount(kind, channel);
    receivers += count;
    if (count == 0) continue;
    // Also with the process to itself: what others have published before may still be on its way.
    services.router->Notify(i, [pubsub = shard.pubsub, kind, to = std::string(channel),
                                text = std::string(message)] { pubsub->Publish(kind, to, text); });
  }
  return receivers;
}

}  // namespace torc
