#include "types/stream/stream_delivery.h"

#include <utility>
#include <vector>

#include "types/stream/stream_access.h"

namespace torc {

void ReplyEntries(ReplyWriter& reply, StreamWalk& walk, uint64_t count_max) {
  const size_t mark = reply.ArrayLater();
  size_t count = 0;
  for (; !walk.AtEnd() && (count_max == 0 || count < count_max); walk.Next()) {
    ReplyStreamEntry(reply, walk.entry());
    ++count;
  }
  reply.CloseArray(mark, count);
}

uint32_t FindOrAddConsumer(CommandContext& context, std::string_view key, ConsumerGroup* group,
                           std::string_view consumer) {
  if (const auto known = group->FindConsumer(consumer)) return *known;
  const uint32_t number = group->AddConsumer(consumer, StreamNowMs(context));
  context.Changed(EventClass::kStream, "xgroup-createconsumer", key);
  if (context.recording()) {
    context.Replay(
        {"XGROUP", "CREATECONSUMER", std::string(key), group->name(), std::string(consumer)});
  }
  return number;
}

ReplayForm ClaimForm(std::string_view key, const ConsumerGroup& group, const PendingEntry& entry) {
  return {"XCLAIM",     std::string(key),
          group.name(), group.consumer(entry.consumer).name,
          "0",          StreamIdText(entry.id),
          "TIME",       std::to_string(entry.delivered_ms),
          "RETRYCOUNT", std::to_string(entry.deliveries),
          "FORCE",      "JUSTID",
          "LASTID",     StreamIdText(group.last_id)};
}

Delivery::Delivery(CommandContext& context, std::string_view key, StreamValue* stream,
                   const GroupReader& reader)
    : context_(context),
      key_(key),
      stream_(stream),
      reader_(reader),
      group_(stream->WriteGroup(reader.group)),
      consumer_(FindOrAddConsumer(context, key, group_, reader.consumer)) {
  group_->WriteConsumer(consumer_).seen_ms = StreamNowMs(context);
}

bool Delivery::HasNews() const {
  return stream_->length() > 0 && stream_->last_id > group_->last_id &&
         stream_->top_id() > group_->last_id;
}

void Delivery::News() {
  ReplyWriter& reply = context_.reply;
  const int64_t now_ms = StreamNowMs(context_);
  std::vector<StreamId> ids;  // for those who read effects
  const size_t mark = reply.ArrayLater();
  size_t count = 0;
  for (StreamWalk walk(*stream_, *NextStreamId(group_->last_id), kStreamIdMax);
       !walk.AtEnd() && (reader_.count_max == 0 || count < reader_.count_max); walk.Next()) {
    const StreamId id = walk.entry().id();
    stream_->AdvanceGroup(group_, id);
    ReplyStreamEntry(reply, walk.entry());
    ++count;
    if (reader_.acknowledged) continue;
    group_->SetPending({.id = id, .delivered_ms = now_ms, .deliveries = 1, .consumer = consumer_});
    if (context_.recording()) ids.push_back(id);
  }
  reply.CloseArray(mark, count);
  if (!reader_.acknowledged) group_->WriteConsumer(consumer_).active_ms = now_ms;
  context_.ChangedSilently();
  ReplayNews(ids);
}

// What was given, as claims; then how far the group has come.
void Delivery::ReplayNews(const std::vector<StreamId>& ids) {
  constexpr size_t kIdsMax = 512;
  if (!context_.recording()) return;
  const std::string key(key_);
  for (size_t i = 0; i < ids.size(); i += kIdsMax) {
    ReplayForm form = {"XCLAIM", key, group_->name(), std::string(reader_.consumer), "0"};
    for (size_t j = i; j < ids.size() && j < i + kIdsMax; ++j) {
      form.push_back(StreamIdText(ids[j]));
    }
    form.insert(form.end(), {"TIME", std::to_string(StreamNowMs(context_)), "RETRYCOUNT", "1",
                             "FORCE", "JUSTID"});
    context_.Replay(std::move(form));
  }
  context_.Replay({"XGROUP", "SETID", key, group_->name(), StreamIdText(group_->last_id),
                   "ENTRIESREAD", std::to_string(group_->entries_read)});
}

void Delivery::History(StreamId after) {
  ReplyWriter& reply = context_.reply;
  const size_t mark = reply.ArrayLater();
  size_t count = 0;
  bool changed = false;
  // Read from a clone: what is pending for the consumer stays the same, but not where it lies.
  const PendingIds ids = group_->consumer(consumer_).pending.Clone();
  PendingIds::Cursor at = ids.LowerBound([after](StreamId id) { return id <= after; });
  for (; !at.at_end() && (reader_.count_max == 0 || count < reader_.count_max); ids.Next(at)) {
    const StreamId id = at.item();
    ++count;
    if (!ReplyStreamEntry(reply, *stream_, id)) {
      // Deleted since: the id alone.
      reply.Array(2);
      ReplyStreamId(reply, id);
      reply.NullArray();
      continue;
    }
    PendingEntry entry = *group_->FindPending(id);
    entry.delivered_ms = StreamNowMs(context_);
    ++entry.deliveries;
    group_->SetPending(entry);
    changed = true;
    if (context_.recording()) context_.Replay(ClaimForm(key_, *group_, entry));
  }
  reply.CloseArray(mark, count);
  if (changed) context_.ChangedSilently();
}

}  // namespace torc
