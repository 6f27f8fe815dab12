#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

// A client that hears everything, and what it has heard: "channel message" each.
class Listener {
 public:
  explicit Listener(EngineHarness& engine) : client_(engine.NewClient()) {
    client_.Run("PSUBSCRIBE __key*__:*");
  }
  std::string Heard() {
    const std::string bytes = client_.Received();
    std::string out;
    // Messages are arrays of four bulk strings: the third is the channel, the fourth the message.
    size_t at = 0;
    for (int word = 0; at < bytes.size(); word = (word + 1) % 4) {
      if (word == 0) at = bytes.find("\r\n", at) + 2;
      const size_t line_end = bytes.find("\r\n", at);
      const size_t size = std::stoul(bytes.substr(at + 1, line_end - at - 1));
      const std::string text = bytes.substr(line_end + 2, size);
      if (word == 2) out += (out.empty() ? "" : ", ") + text;
      if (word == 3) out += " " + text;
      at = line_end + 2 + size + 2;
    }
    return out;
  }

 private:
  TestClient& client_;
};

TEST_CASE("events are published as messages, as far as their class is asked for") {
  EngineHarness engine;
  Listener listener(engine);
  engine.Run("SET k v");
  CHECK(listener.Heard().empty());
  engine.Run("CONFIG SET notify-keyspace-events KEA");
  engine.Run("SET k v EX 10");
  CHECK(listener.Heard() ==
        "__keyspace@0__:k set, __keyevent@0__:set k, __keyspace@0__:k expire, "
        "__keyevent@0__:expire k");
  engine.Run("GET none");
  CHECK(listener.Heard().empty());
  engine.Run("CONFIG SET notify-keyspace-events E$");
  engine.Run("MULTI");
  engine.Run("SELECT 3");
  engine.Run("APPEND k v");
  engine.Run("DEL k");
  engine.Run("EXEC");
  CHECK(listener.Heard() == "__keyevent@3__:append k");
  engine.Run("CONFIG SET notify-keyspace-events ''");
  engine.Run("SET k v");
  CHECK(listener.Heard().empty());
}

TEST_CASE("expired keys, misses and new keys are told of where they are asked for") {
  EngineHarness engine;
  Listener listener(engine);
  engine.Run("CONFIG SET notify-keyspace-events Exmn");
  engine.Run("SET k v PX 100");
  engine.Run("SET k v PX 100");
  engine.Run("SET l v PX 100");
  CHECK(listener.Heard() == "__keyevent@0__:new k, __keyevent@0__:new l");
  engine.AdvanceMs(101);
  engine.Run("GET k");
  CHECK(listener.Heard() == "__keyevent@0__:expired k, __keyevent@0__:keymiss k");
  engine.Tick();
  CHECK(listener.Heard() == "__keyevent@0__:expired l");
}

TEST_CASE("new keys and misses come among a command's other events, where they happened") {
  EngineHarness engine;
  Listener listener(engine);
  engine.Run("CONFIG SET notify-keyspace-events EAmn");
  const auto heard = [&](const char* command) {
    engine.Run(command);
    std::string out = listener.Heard();
    constexpr std::string_view kPrefix = "__keyevent@0__:";
    for (size_t at = 0; (at = out.find(kPrefix)) != std::string::npos;) {
      out.erase(at, kPrefix.size());
    }
    return out;
  };
  CHECK(heard("MSET a 1 b 2") == "new a, set a, new b, set b");
  CHECK(heard("SET c 1 GET") == "keymiss c, new c, set c");
  CHECK(heard("SET none 1 XX GET") == "keymiss none");
  CHECK(heard("XAUTOCLAIM none g c abc 0") == "keymiss none");
  CHECK(heard("GETSET d 1") == "keymiss d, new d, set d");
  CHECK(heard("RENAME c d") == "new d, rename_from c, rename_to d");
  CHECK(heard("RENAME d e") == "new e, rename_from d, rename_to e");
  CHECK(heard("COPY e a REPLACE") == "new a, copy_to a");
  CHECK(heard("COPY e f") == "new f, copy_to f");
  CHECK(heard("OBJECT ENCODING none").empty());
  CHECK(heard("SADD s m") == "new s, sadd s");
  CHECK(heard("SMOVE s t m") == "srem s, del s, new t, sadd t");
  CHECK(heard("PFMERGE h none") == "keymiss h, keymiss none, new h, pfadd h");
  CHECK(heard("XREAD STREAMS x 0") == "keymiss x, keymiss x");
}

TEST_CASE("the classes are one word") {
  EngineHarness engine;
  CHECK(engine.RunArgs({"CONFIG", "SET", "notify-keyspace-events", "Kx "})
            .find("Invalid event class character") != std::string::npos);
}

TEST_CASE("the classes are shown in one order, all of them as A") {
  EngineHarness engine;
  const auto shown = [&](const std::string& flags) {
    engine.RunArgs({"CONFIG", "SET", "notify-keyspace-events", flags});
    return engine.Run("CONFIG GET notify-keyspace-events");
  };
  const auto is = [](const std::string& flags) {
    return "[\"notify-keyspace-events\", \"" + flags + "\"]";
  };
  CHECK(shown("KEA") == is("AKE"));
  CHECK(shown("g$lshzxetd") == is("A"));
  CHECK(shown("AKEmn") == is("AKEm"));
  CHECK(shown("Knm") == is("nKm"));
  CHECK(shown("Ex") == is("xE"));
  CHECK(shown("zK") == is("zK"));
  CHECK(engine.Run("CONFIG SET notify-keyspace-events Q").find("Invalid event class") !=
        std::string::npos);
  CHECK(shown("") == is(""));
}

}  // namespace
}  // namespace torc
