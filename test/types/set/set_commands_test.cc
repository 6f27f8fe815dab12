#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

std::vector<std::string> Sorted(const Reply& reply) {
  std::vector<std::string> out;
  for (const Reply& element : reply.elements) out.push_back(element.text);
  std::sort(out.begin(), out.end());
  return out;
}

using Texts = std::vector<std::string>;

TEST_CASE("members come, go and are told apart") {
  EngineHarness engine;
  CHECK(engine.Run("SADD s a b a 1 01") == "4");
  CHECK(engine.Run("SADD s a c") == "1");
  CHECK(engine.Run("SCARD s") == "5");
  CHECK(engine.Run("SISMEMBER s 1") == "1");
  CHECK(engine.Run("SISMEMBER s 001") == "0");
  CHECK(engine.Run("SMISMEMBER s a x 01") == "[1, 0, 1]");
  CHECK(Sorted(engine.Ask("SMEMBERS s")) == Texts{"01", "1", "a", "b", "c"});
  CHECK(engine.Run("SREM s a x") == "1");
  CHECK(engine.Run("SREM s b c 1 01 y") == "4");
  CHECK(engine.Run("EXISTS s") == "0");
  CHECK(engine.Run("SREM s a") == "0");
  CHECK(engine.Run("SCARD s") == "0");
  CHECK(engine.Run("SMISMEMBER s a b") == "[0, 0]");
}

TEST_CASE("encodings change where Redis 7.2 changes them") {
  EngineHarness engine;
  engine.Run("CONFIG SET set-max-intset-entries 4 set-max-listpack-entries 5");
  engine.Run("SADD n 1 2 3 4");
  CHECK(engine.Run("OBJECT ENCODING n") == "\"intset\"");
  engine.Run("SADD n x");
  CHECK(engine.Run("OBJECT ENCODING n") == "\"listpack\"");
  engine.Run("SADD n y");
  CHECK(engine.Run("OBJECT ENCODING n") == "\"hashtable\"");
  engine.Run("SADD m 1 2 3 4");
  engine.Run("SADD m 5");
  CHECK(engine.Run("OBJECT ENCODING m") == "\"hashtable\"");
  engine.RunArgs({"SADD", "t", std::string(64, 't')});
  CHECK(engine.Run("OBJECT ENCODING t") == "\"listpack\"");
  engine.RunArgs({"SADD", "t", std::string(65, 't')});
  CHECK(engine.Run("OBJECT ENCODING t") == "\"hashtable\"");
  engine.Run("SADD many a b c d e f");
  CHECK(engine.Run("OBJECT ENCODING many") == "\"hashtable\"");
  engine.Run("SINTERSTORE small n n");
  CHECK(engine.Run("OBJECT ENCODING small") == "\"hashtable\"");
  engine.Run("SREM small x y");
  engine.Run("SINTERSTORE small small");
  CHECK(engine.Run("OBJECT ENCODING small") == "\"intset\"");
}

TEST_CASE("a set that loses its last member is no key any more, with its event") {
  EngineHarness engine;
  engine.Run("SADD s a b");
  engine.TakeEffects();
  engine.Run("SREM s a b c");
  CHECK(engine.TakeEffects() == Texts{"SREM s a b c | srem s, del s"});
  engine.Run("SADD s a");
  engine.TakeEffects();
  engine.Run("SMOVE s t a");
  CHECK(engine.TakeEffects() == Texts{"SMOVE s t a | srem s, del s, sadd t"});
  engine.Run("SPOP t");
  CHECK(engine.TakeEffects() == Texts{"SREM t a | spop t, del t"});
  engine.Run("SADD s a b");
  engine.TakeEffects();
  engine.Run("SPOP s 5");
  CHECK(engine.TakeEffects() == Texts{"DEL s | spop s, del s"});
}

TEST_CASE("SMOVE moves within the rules of types") {
  EngineHarness engine;
  engine.Run("SADD a 1 2");
  engine.Run("SADD b x");
  engine.Run("SET str v");
  CHECK(engine.Run("SMOVE a b 1") == "1");
  CHECK(engine.Run("SMOVE a b 1") == "0");
  CHECK(engine.Run("SMOVE a a 2") == "1");
  CHECK(engine.Run("SMOVE a a 9") == "0");
  CHECK(engine.Run("SMOVE none str 1") == "0");
  CHECK(engine.Run("SMOVE a str 2").substr(0, 17) == "(error) WRONGTYPE");
  CHECK(engine.Run("SMOVE str a 2").substr(0, 17) == "(error) WRONGTYPE");
  CHECK(engine.Run("SMOVE a c 2") == "1");
  CHECK(engine.Run("EXISTS a") == "0");
  CHECK(Sorted(engine.Ask("SMEMBERS b")) == Texts{"1", "x"});
}

TEST_CASE("sets are intersected, united and subtracted") {
  EngineHarness engine;
  engine.Run("SADD a 1 2 3 x");
  engine.Run("SADD b 2 3 y");
  engine.Run("SADD c 3 z");
  CHECK(Sorted(engine.Ask("SINTER a b")) == Texts{"2", "3"});
  CHECK(Sorted(engine.Ask("SINTER a b c")) == Texts{"3"});
  CHECK(engine.Run("SINTER a none") == "[]");
  CHECK(Sorted(engine.Ask("SUNION a b c none")) == Texts{"1", "2", "3", "x", "y", "z"});
  CHECK(Sorted(engine.Ask("SDIFF a b c")) == Texts{"1", "x"});
  CHECK(engine.Run("SDIFF none a") == "[]");
  CHECK(engine.Run("SINTERSTORE d a b") == "2");
  CHECK(engine.Run("SDIFFSTORE d a d") == "2");
  CHECK(Sorted(engine.Ask("SMEMBERS d")) == Texts{"1", "x"});
  CHECK(engine.Run("SINTERSTORE d none a") == "0");
  CHECK(engine.Run("EXISTS d") == "0");
  CHECK(engine.Run("SINTERCARD 2 a b") == "2");
  CHECK(engine.Run("SINTERCARD 2 a b LIMIT 1") == "1");
  CHECK(engine.Run("SINTERCARD 2 a b LIMIT 0") == "2");
  CHECK(engine.Run("SINTERCARD 0 a") == "(error) ERR numkeys should be greater than 0");
  CHECK(engine.Run("SINTERCARD 3 a b") ==
        "(error) ERR Number of keys can't be greater than number of args");
  CHECK(engine.Run("SINTERCARD 1 a LIMIT -1") == "(error) ERR LIMIT can't be negative");
  engine.Run("SET d v EX 100");
  CHECK(engine.Run("SUNIONSTORE d a") == "4");
  CHECK(engine.Run("TTL d") == "-1");
  engine.Run("SET str v");
  CHECK(engine.Run("SINTER none str").substr(0, 17) == "(error) WRONGTYPE");
}

TEST_CASE("random members are fair, whatever the encoding") {
  for (const char* limit : {"0", "100"}) {
    CAPTURE(std::string(limit));
    EngineHarness engine;
    engine.Run("CONFIG SET set-max-listpack-entries " + std::string(limit));
    for (int i = 0; i < 50; ++i) engine.Run("SADD s m" + std::to_string(i));
    std::map<std::string, int> seen;
    for (int i = 0; i < 5000; ++i) ++seen[engine.Ask("SRANDMEMBER s").text];
    CHECK(seen.size() == 50);
    for (const auto& [member, count] : seen) CHECK((count > 50 && count < 160));
    for (const int count : {1, 5, 12, 30, 49, 50, 99}) {
      const Texts chosen = Sorted(engine.Ask("SRANDMEMBER s " + std::to_string(count)));
      CHECK(chosen.size() == static_cast<size_t>(std::min(count, 50)));
      CHECK(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end());
    }
    CHECK(engine.Ask("SRANDMEMBER s -120").elements.size() == 120);
    CHECK(engine.Run("SRANDMEMBER s 0") == "[]");
    CHECK(engine.Run("SRANDMEMBER none 3") == "[]");
    CHECK(engine.Run("SRANDMEMBER s 9223372036854775808") ==
          "(error) ERR value is not an integer or out of range");
  }
}

TEST_CASE("SPOP takes members out and its effects say which") {
  EngineHarness engine;
  engine.Run("CONFIG SET set-max-listpack-entries 20");
  for (int i = 0; i < 200; ++i) engine.Run("SADD s m" + std::to_string(i));
  std::set<std::string> popped;
  for (const int count : {1, 7, 0, 100}) {
    const Reply reply = engine.Ask("SPOP s " + std::to_string(count));
    CHECK(reply.elements.size() == static_cast<size_t>(count));
    for (const Reply& member : reply.elements) CHECK(popped.insert(member.text).second);
    engine.CheckShadow();
  }
  CHECK(engine.Run("SCARD s") == "92");
  CHECK(engine.Run("SPOP s -1") == "(error) ERR value is out of range, must be positive");
  CHECK(engine.Run("SPOP s 1 2") == "(error) ERR syntax error");
  CHECK(engine.Ask("SPOP s 500").elements.size() == 92);
  CHECK(engine.Run("SPOP s") == "(nil)");
  CHECK(engine.Run("SPOP s 3") == "[]");
}

TEST_CASE("SSCAN walks over all members once and takes only good arguments") {
  EngineHarness engine;
  engine.Run("CONFIG SET set-max-listpack-entries 0");
  for (int i = 0; i < 1000; ++i) engine.Run("SADD s member:" + std::to_string(i));
  std::set<std::string> seen;
  std::string cursor = "0";
  do {
    const Reply reply = engine.Ask("SSCAN s " + cursor + " COUNT 30");
    cursor = reply.elements[0].text;
    CHECK(reply.elements[1].elements.size() < 100);
    for (const Reply& member : reply.elements[1].elements) CHECK(seen.insert(member.text).second);
  } while (cursor != "0");
  CHECK(seen.size() == 1000);
  CHECK(engine.Ask("SSCAN s 0 MATCH *:77 COUNT 9999").elements[1].elements.size() == 1);
  CHECK(engine.Run("SSCAN s x") == "(error) ERR invalid cursor");
  CHECK(engine.Run("SSCAN s 0 COUNT 0") == "(error) ERR syntax error");
  CHECK(engine.Run("SSCAN s 0 TYPE set") == "(error) ERR syntax error");
  CHECK(engine.Run("SSCAN none 0 NONSENSE") == "[\"0\", []]");
}

TEST_CASE("RESP3 gives sets as sets") {
  EngineHarness engine;
  engine.Run("HELLO 3");
  engine.Run("SADD s a");
  CHECK(engine.client().Wire("SMEMBERS s") == "~1\r\n$1\r\na\r\n");
  CHECK(engine.client().Wire("SUNION s none") == "~1\r\n$1\r\na\r\n");
  CHECK(engine.client().Wire("SRANDMEMBER s -1") == "*1\r\n$1\r\na\r\n");
  CHECK(engine.client().Wire("SPOP s 1") == "~1\r\n$1\r\na\r\n");
  CHECK(engine.client().Wire("SMEMBERS s") == "~0\r\n");
}

TEST_CASE("COPY gives sets lives of their own") {
  EngineHarness engine;
  for (const char* members : {"1 2 3", "a b c"}) {
    engine.Run("FLUSHALL");
    engine.Run("SADD s " + std::string(members));
    engine.Run("COPY s t");
    engine.Run("SADD t new");
    CHECK(engine.Run("SCARD s") == "3");
    CHECK(engine.Run("SCARD t") == "4");
  }
  engine.Run("CONFIG SET set-max-listpack-entries 0");
  engine.Run("FLUSHALL");
  for (int i = 0; i < 500; ++i) engine.Run("SADD s m" + std::to_string(i));
  engine.Run("COPY s t");
  for (int i = 0; i < 400; ++i) engine.Run("SREM t m" + std::to_string(i));
  CHECK(engine.Run("SCARD s") == "500");
  CHECK(engine.Run("SCARD t") == "100");
}

}  // namespace
}  // namespace torc
