#include "server/connection.h"

#include <cerrno>
#include <utility>

namespace torc {
namespace {

// About what a watched key, a subscription or a prefix takes, here and where it is registered.
constexpr size_t kRegisteredBytes = 128;

size_t RegisteredCount(const Session& session) {
  size_t count = session.watches.size();
  if (session.subscriptions != nullptr) count += session.subscriptions->total();
  if (session.tracking != nullptr) count += session.tracking->prefixes.size();
  return count;
}

}  // namespace

Connection::Connection(Stream stream, ConnectionOwner* owner)
    : stream_(std::move(stream)), owner_(owner) {
  stream_.Attach(this);
}

std::span<char> Connection::ReadTarget() {
  return input_.ReadTarget(parser_.wanted_bytes());
}

void Connection::OnRead(std::string_view bytes) {
  bytes_in += bytes.size();
  ++owner_->reads;
  input_.Add(bytes);
  owner_->Ready(this);
}

void Connection::OnWritable() {
  owner_->Ready(this);
}

void Connection::OnEnd(StreamEnd end) {
  (void)end;
  ended_ = true;
  owner_->Ready(this);
}

std::string_view Connection::Sendable(const ReleaseHorizon& horizon) {
  const size_t ready_bytes = session_.replies.ReadyBytes(horizon);
  if (killed_ || !stream_.open() || stream_.pending_bytes() > 0) return {};
  if (stream_.encrypted()) return Seal(ready_bytes);
  if (ready_bytes == 0) return {};
  return session_.replies.front().view().substr(0, ready_bytes);
}

std::string_view Connection::Seal(size_t ready_bytes) {
  if (ready_bytes > 0) {
    if (!stream_.Seal(session_.replies.front().view().substr(0, ready_bytes))) {
      Kill();
      return {};
    }
    session_.replies.Consume(ready_bytes);
  }
  return stream_.sealed();
}

void Connection::Flush(const ReleaseHorizon& horizon) {
  const std::string_view sendable = Sendable(horizon);
  if (sendable.empty()) return;
  const Stream::WriteResult result = stream_.TryWrite(sendable);
  const bool broken = result.outcome == Stream::WriteOutcome::kBroken;
  Sent(sendable.size(), broken ? -EPIPE : static_cast<int64_t>(result.written_bytes));
}

void Connection::Sent(size_t sendable_bytes, int64_t result) {
  if (result == -EAGAIN || result == -EINTR) result = 0;
  if (result < 0) return Kill();
  const auto sent_bytes = static_cast<size_t>(result);
  ++owner_->writes;
  bytes_out += sendable_bytes;
  if (stream_.encrypted()) return stream_.SealedSent(sent_bytes);
  session_.replies.Consume(sent_bytes);
  if (sent_bytes < sendable_bytes) {
    stream_.WriteLater(session_.replies.Take(sendable_bytes - sent_bytes));
  }
}

Transport Connection::DescribeTransport() const {
  Transport transport;
  transport.peer_address = stream_.PeerAddress();
  transport.local_address = stream_.LocalAddress();
  transport.descriptor = stream_.descriptor();
  transport.unix_socket = stream_.is_unix();
  transport.query_bytes = input_.bytes().size();
  transport.query_free_bytes = input_.allocated_bytes() > transport.query_bytes
                                   ? input_.allocated_bytes() - transport.query_bytes
                                   : 0;
  transport.output_buffer_bytes = session_.replies.bytes().allocated_bytes();
  transport.output_pending_bytes = pending_output_bytes();
  transport.total_bytes = allocated_bytes();
  return transport;
}

size_t Connection::allocated_bytes() const {
  const size_t queued_bytes =
      session_.transaction == nullptr ? 0 : session_.transaction->allocated_bytes();
  return sizeof(Connection) + Stream::allocated_bytes() + input_.allocated_bytes() +
         session_.replies.bytes().allocated_bytes() + stream_.pending_bytes() + queued_bytes +
         kRegisteredBytes * RegisteredCount(session_);
}

}  // namespace torc
