// rename-command as seen by clients and by what is replayed.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "store/effects.h"
#include "support/fake_clock.h"
#include "support/test_shard.h"

namespace torc {
namespace {

class Recorder final : public EffectSink {
 public:
  void OnEffect(const Effect& effect) override {
    std::string line;
    for (const std::string_view word : effect.args) line += std::string(word) + " ";
    lines.push_back(line);
  }
  void OnUnitEnd(uint64_t /*unit*/) override {}
  std::vector<std::string> lines;
};

struct Fixture {
  FakeClock clock;
  TestShard server{{}, &clock};
  Recorder recorder;
  Session session;

  Fixture() {
    REQUIRE(server.commands().Rename("set", "put").ok());
    REQUIRE(server.commands().Rename("get", "").ok());
    REQUIRE(server.commands().Rename("object", "thing").ok());
    server.shard().feed().Add(&recorder);
    server.shard().Welcome(session, ClientId(1));
  }
  ~Fixture() { server.shard().feed().Remove(&recorder); }

  std::string Run(const std::vector<std::string_view>& words) {
    server.shard().Execute(session, words);
    Buffer& bytes = session.replies.bytes();
    std::string reply(bytes.view());
    bytes.Truncate(0);
    return reply;
  }
};

TEST_CASE("clients use the new name; effects carry the command's own") {
  Fixture f;
  CHECK(f.Run({"put", "k", "v"}) == "+OK\r\n");
  CHECK(f.Run({"PUT", "k"}) == "-ERR wrong number of arguments for 'set' command\r\n");
  CHECK(f.Run({"set", "k", "v"}).starts_with("-ERR unknown command 'set'"));
  CHECK(f.Run({"get", "k"}).starts_with("-ERR unknown command 'get'"));
  CHECK(f.Run({"thing", "nonsense"}) == "-ERR unknown subcommand 'nonsense'. Try THING HELP.\r\n");
  CHECK(f.recorder.lines == std::vector<std::string>{"set k v "});
}

TEST_CASE("what is replayed is found by its own name, hidden or not") {
  Fixture f;
  f.session.internal = true;
  CHECK(f.Run({"SET", "k", "v"}) == "+OK\r\n");
  CHECK(f.Run({"GET", "k"}) == "$1\r\nv\r\n");
  CHECK(f.Run({"put", "k", "w"}).starts_with("-ERR unknown command"));
}

TEST_CASE("a hidden command is in no list") {
  Fixture f;
  const std::string list = f.Run({"command", "list"});
  CHECK(list.find("\r\nset\r\n") != std::string::npos);
  CHECK(list.find("\r\nget\r\n") == std::string::npos);
  CHECK(f.Run({"command", "info", "get"}) == "*1\r\n$-1\r\n");
  CHECK(f.Run({"command", "docs", "get"}) == "*0\r\n");
}

}  // namespace
}  // namespace torc
