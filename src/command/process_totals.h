#pragma once

// What commands tell of the process where each shard counts for itself. Whoever asks has all
// shards to itself, or there is one.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "command/command_stats.h"
#include "command/services.h"
#include "command/subscriptions.h"

namespace torc {

// The figures of one command.
CommandFigures TotalFigures(const Services& services, const Command& command);
// All but those of single commands.
CommandStats TotalStats(const Services& services);
// Moves the entries of all shards to the calling one's, which then has them in order.
Slowlog& GatheredSlowlog(const Services& services);

// Every name that somebody on any shard is subscribed to, once, with how many are.
std::map<std::string, size_t> AllChannels(const Services& services, ChannelKind kind);
size_t CountChannels(const Services& services, ChannelKind kind);

// Runs `work` where what the process keeps by the way (ACL LOG, the latency monitor) may be
// changed: at once on the first shard's thread or with all shards borrowed, else soon on that
// thread.
void OnFirstShard(const Services& services, std::function<void()> work);

// Sends a message to its subscribers on all shards; returns how many there are. To be called from
// any shard, at any time: what concerns another shard's sessions is delivered there, soon.
size_t PublishToAll(const Services& services, ChannelKind kind, std::string_view channel,
                    std::string_view message);

}  // namespace torc
