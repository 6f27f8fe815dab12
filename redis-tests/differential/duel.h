#pragma once

// Two servers, the same clients at both, the same commands in the same order; every reply compared.
//
// A batch is written to both servers at once and read from both before anything else happens, so
// that the order of all commands is the same on both sides whatever their threads do. How many
// replies a batch owes is known from the commands alone (CLIENT REPLY silences some).

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redis-tests/differential/command.h"
#include "redis-tests/differential/contestant.h"
#include "redis-tests/differential/inbox.h"
#include "redis-tests/differential/known_differences.h"
#include "redis-tests/support/connection.h"
#include "support/resp_reader.h"

namespace torc::differential {

struct Difference {
  Command command = {};
  size_t offset = 0;      // of the command in the batch that was run
  std::string what = {};  // "the replies differ", "no reply", "ours crashed", …
  std::string ours = {};  // printed replies, or what happened instead
  std::string peer = {};
  // When a look at the data found it: what the control client did before `command`.
  std::vector<Command> prelude = {};
};

enum class Protocols : uint8_t { kResp2, kResp3, kBoth };

struct DuelOptions {
  uint16_t clients = 5;
  Protocols protocols = Protocols::kBoth;
  int reply_timeout_ms = 15'000;
  // Whether messages have their place among the replies of the client that gets them. With several
  // shards, those that its own pipeline causes come as soon as they are there.
  bool message_places = true;
};

class Duel {
 public:
  // The contestants must outlive the duel.
  Duel(Contestant* ours, Contestant* peer, DuelOptions options);

  // Empty data sets, fresh connections, and `configuration` set on both (name, value, …; a name
  // that a server does not know is passed over). An error when a server cannot be reached.
  Status Reset(const std::vector<std::string>& configuration);

  // Runs commands of one client; the first difference, if any, after which only Reset makes sense.
  std::optional<Difference> Run(std::span<const Command> commands);
  // The same from the control client, which no command stream uses: for looking at the data.
  std::optional<Difference> RunControl(std::vector<Command> commands);
  // A command to the peer alone, and to ours alone, from the control client.
  testing::RespValue AskPeer(const std::vector<std::string>& args);
  testing::RespValue AskOurs(const std::vector<std::string>& args);

  // How often each entry of the table of known differences was needed.
  const std::map<const KnownDifference*, uint64_t>& known_met() const { return known_met_; }
  // For experiments, where a reply that does not come is no news.
  void set_reply_timeout_ms(int timeout_ms) { options_.reply_timeout_ms = timeout_ms; }
  uint64_t commands_run() const { return commands_run_; }
  uint16_t control_client() const { return options_.clients; }
  // Whether a client starts out with HELLO 3. The control client never does.
  bool SpeaksResp3(size_t client) const;

 private:
  friend class FollowUp;
  // What a client's own commands have set, as far as it decides what comes back.
  struct ClientState {
    bool silent = false;     // CLIENT REPLY OFF
    bool skip_next = false;  // CLIENT REPLY SKIP came just before
    bool in_transaction = false;
    std::vector<Command> queued = {};  // in the open transaction: how EXEC's elements compare
    bool listens = false;              // has ever subscribed: duel_listeners.cc
    Subscriptions subscriptions = {};
  };
  struct Side {
    Contestant* server;
    std::vector<testing::Connection> connections;  // the last one is the control client's
    std::vector<Inbox> inboxes = {};               // of those that listen
  };

  Status Connect(Side* side);
  std::optional<Difference> RunPipeline(std::span<const Command> commands);
  // --- duel_listeners.cc
  // Whether the client may get messages before or by these commands.
  bool Listens(std::span<const Command> commands);
  std::optional<Difference> RunListening(std::span<const Command> commands);
  std::optional<Difference> Gather(uint16_t client, size_t replies, size_t messages);
  std::optional<Difference> CompareReplies(const Command& command);
  std::optional<Difference> CompareMessages(const Command& last);

  std::optional<Difference> Await(uint16_t client, size_t reply_count);
  std::optional<Difference> ComparePair(const Command& command, std::string_view ours,
                                        std::string_view peer);
  std::optional<Difference> CompareExec(const Command& command, const testing::RespValue& ours,
                                        const testing::RespValue& peer,
                                        const std::vector<Command>& queued);
  bool IsKnown(const Command& command, const testing::RespValue& ours,
               const testing::RespValue& peer);
  std::optional<Difference> Lost(const testing::Connection& ours, const testing::Connection& peer);
  static size_t RepliesOwed(const Command& command, ClientState* state);
  void TrackTransaction(const Command& command, std::string_view peer_reply, ClientState* state);

  DuelOptions options_;
  Side ours_;
  Side peer_;
  std::vector<ClientState> states_;
  std::map<const KnownDifference*, uint64_t> known_met_;
  uint64_t commands_run_ = 0;
};

}  // namespace torc::differential
