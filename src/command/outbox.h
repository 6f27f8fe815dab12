#pragma once

// Outbox: bytes for clients that did not ask for them just now: messages, notifications,
// invalidations, monitor lines, replies to clients that had waited. They go behind what the client
// still has to get; what the running command sends to its own client follows the command's reply.
//
// Whoever owns the connections takes the list of sessions with something new and sends, once per
// turn however much was added.

#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "command/session.h"

namespace torc {

class Outbox {
 public:
  // A session of another shard goes by that shard's outbox: whoever sends to it has borrowed that.
  void Send(Session& to, std::string_view bytes) {
    if (to.outbox != nullptr && to.outbox != this) return to.outbox->Send(to, bytes);
    if (&to == executing_) return own_.Append(bytes);
    if (&to == suspended_) return aside_.Append(bytes);
    to.replies.bytes().Append(bytes);
    NoteOutput(to);
  }
  // Bytes were appended to the replies of a session that executes nothing, or what it waited for
  // is over: its owner should look at it.
  void NoteOutput(Session& session) {
    if (session.outbox != nullptr && session.outbox != this) {
      return session.outbox->NoteOutput(session);
    }
    if (std::exchange(session.has_output, true)) return;
    waiting_.push_back(&session);
  }
  bool empty() const { return waiting_.empty(); }
  // The sessions noted since the last call, into `out`, which is cleared.
  void Take(std::vector<Session*>* out) {
    out->clear();
    out->swap(waiting_);
    for (Session* session : *out) session->has_output = false;
  }
  // Other sessions execute within the executing one, whose reply may have begun: what it was sent,
  // and is sent meanwhile, is kept aside.
  struct Suspended {
    Session* executing = nullptr;
    Buffer own;
  };
  Suspended Suspend() {
    Suspended suspended{std::exchange(executing_, nullptr), {}};
    suspended.own.Swap(own_);
    suspended_ = suspended.executing;
    return suspended;
  }
  void Resume(Suspended suspended) {
    executing_ = suspended.executing;
    own_.Swap(suspended.own);
    own_.Append(aside_.view());
    aside_.Clear();
    suspended_ = nullptr;
  }
  // The session is about to go.
  void Forget(Session& session) {
    if (std::exchange(session.has_output, false)) std::erase(waiting_, &session);
  }

  // The outbox of the session's shard.
  Outbox& Of(const Session& session) { return session.outbox == nullptr ? *this : *session.outbox; }
  // From now on this session's replies are being written; returns whose were before.
  Session* BeginExecuting(Session* session) { return std::exchange(executing_, session); }
  // What the session was sent while it executed, now behind its reply.
  void EndExecuting(Session* before) {
    if (!own_.empty()) [[unlikely]] {
      executing_->replies.bytes().Append(own_.view());
      own_.Clear();
    }
    executing_ = before;
  }

 private:
  Session* executing_ = nullptr;
  Buffer own_;  // for the executing session
  Session* suspended_ = nullptr;
  Buffer aside_;  // for the suspended one
  std::vector<Session*> waiting_;
};

}  // namespace torc
