#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/engine_harness.h"

namespace torc {
namespace {

using Texts = std::vector<std::string>;

TEST_CASE("fields are set, read, counted and deleted") {
  EngineHarness engine;
  CHECK(engine.Run("HSET h f v g 10 f w") == "2");
  CHECK(engine.Run("HGET h f") == "\"w\"");
  CHECK(engine.Run("HGET h none") == "(nil)");
  CHECK(engine.Run("HMGET h g none f") == "[\"10\", (nil), \"w\"]");
  CHECK(engine.Run("HGETALL h") == "[\"f\", \"w\", \"g\", \"10\"]");
  CHECK(engine.Run("HKEYS h") == "[\"f\", \"g\"]");
  CHECK(engine.Run("HVALS h") == "[\"w\", \"10\"]");
  CHECK(engine.Run("HSTRLEN h g") == "2");
  CHECK(engine.Run("HSETNX h f x") == "0");
  CHECK(engine.Run("HSETNX h n x") == "1");
  CHECK(engine.Run("HMSET h m 1") == "OK");
  CHECK(engine.Run("HLEN h") == "4");
  CHECK(engine.Run("HEXISTS h n") == "1");
  CHECK(engine.Run("HDEL h f n none") == "2");
  CHECK(engine.Run("HDEL h g m") == "2");
  CHECK(engine.Run("EXISTS h") == "0");
  CHECK(engine.Run("HGETALL h") == "[]");
  CHECK(engine.Run("HSET h f") == "(error) ERR wrong number of arguments for 'hset' command");
  CHECK(engine.Run("HSET h f v g") == "(error) ERR wrong number of arguments for 'hset' command");
  CHECK(engine.Run("HMSET h f v g") == "(error) ERR wrong number of arguments for 'hmset' command");
}

TEST_CASE("encodings change where Redis changes them") {
  EngineHarness engine;
  engine.Run("CONFIG SET hash-max-ziplist-entries 3 hash-max-listpack-value 10");
  engine.Run("HSET h a 1 b 2 c 3");
  CHECK(engine.Run("OBJECT ENCODING h") == "\"listpack\"");
  engine.Run("HSET h d 4");
  CHECK(engine.Run("OBJECT ENCODING h") == "\"hashtable\"");
  engine.Run("HSET v f 1234567890");
  CHECK(engine.Run("OBJECT ENCODING v") == "\"listpack\"");
  engine.Run("HSET v f 12345678901");
  CHECK(engine.Run("OBJECT ENCODING v") == "\"hashtable\"");
  engine.Run("HINCRBY w f 99999999999");
  CHECK(engine.Run("OBJECT ENCODING w") == "\"hashtable\"");
}

TEST_CASE("fields count up, and overflow and nonsense leave them alone") {
  EngineHarness engine;
  CHECK(engine.Run("HINCRBY h n 5") == "5");
  CHECK(engine.Run("HINCRBY h n -7") == "-2");
  engine.Run("HSET h max 9223372036854775807 text abc spaced \" 1\"");
  CHECK(engine.Run("HINCRBY h max 1") == "(error) ERR increment or decrement would overflow");
  CHECK(engine.Run("HINCRBY h text 1") == "(error) ERR hash value is not an integer");
  CHECK(engine.Run("HINCRBY h spaced 1") == "(error) ERR hash value is not an integer");
  CHECK(engine.Run("HINCRBY h n x") == "(error) ERR value is not an integer or out of range");
  CHECK(engine.Run("HINCRBYFLOAT h x 10.5") == "\"10.5\"");
  CHECK(engine.Run("HINCRBYFLOAT h x 0.1") == "\"10.6\"");
  CHECK(engine.Run("HINCRBYFLOAT h text 1") == "(error) ERR hash value is not a float");
  CHECK(engine.Run("HINCRBYFLOAT h x abc") == "(error) ERR value is not a valid float");
  CHECK(engine.Run("HINCRBYFLOAT h x inf") == "(error) ERR value is NaN or Infinity");
}

TEST_CASE("every command on a value of another type says so") {
  EngineHarness engine;
  engine.Run("SET str v");
  for (const char* command : {"HSET str f v",
                              "HSETNX str f v",
                              "HMSET str f v",
                              "HGET str f",
                              "HMGET str f",
                              "HGETALL str",
                              "HKEYS str",
                              "HVALS str",
                              "HLEN str",
                              "HEXISTS str f",
                              "HDEL str f",
                              "HSTRLEN str f",
                              "HINCRBY str f 1",
                              "HINCRBYFLOAT str f 1",
                              "HRANDFIELD str",
                              "HRANDFIELD str 3 WITHVALUES",
                              "HSCAN str 0",
                              "HEXPIRE str 1 FIELDS 1 f",
                              "HTTL str FIELDS 1 f",
                              "HPERSIST str FIELDS 1 f",
                              "HGETEX str FIELDS 1 f",
                              "HSETEX str FIELDS 1 f v",
                              "HGETDEL str FIELDS 1 f"}) {
    CAPTURE(std::string(command));
    CHECK(engine.Run(command).substr(0, 17) == "(error) WRONGTYPE");
  }
}

TEST_CASE("effects and events of hashes are those of Redis") {
  EngineHarness engine;
  engine.Run("HSET h f 1 g 2");
  engine.Run("HINCRBY h f 1");
  engine.Run("HINCRBYFLOAT h f 0.5");
  engine.Run("HSETNX h f 9");
  engine.Run("HDEL h f g x");
  CHECK(engine.TakeEffects() == Texts{"HSET h f 1 g 2 | hset h", "HINCRBY h f 1 | hincrby h",
                                      "HSET h f 2.5 | hincrbyfloat h",
                                      "HDEL h f g x | hdel h, del h"});
}

TEST_CASE("random fields are fair and come with or without values") {
  for (const char* limit : {"0", "100"}) {
    CAPTURE(std::string(limit));
    EngineHarness engine;
    engine.Run("CONFIG SET hash-max-listpack-entries " + std::string(limit));
    for (int i = 0; i < 40; ++i) {
      engine.Run("HSET h f" + std::to_string(i) + " v" + std::to_string(i));
    }
    std::map<std::string, int> seen;
    for (int i = 0; i < 4000; ++i) ++seen[engine.Ask("HRANDFIELD h").text];
    CHECK(seen.size() == 40);
    for (const auto& [field, count] : seen) CHECK((count > 50 && count < 160));
    for (const int count : {1, 5, 9, 39, 40, 77}) {
      const Reply reply = engine.Ask("HRANDFIELD h " + std::to_string(count) + " WITHVALUES");
      CHECK(reply.elements.size() == static_cast<size_t>(std::min(count, 40)) * 2);
      std::set<std::string> fields;
      for (size_t i = 0; i < reply.elements.size(); i += 2) {
        CHECK(fields.insert(reply.elements[i].text).second);
        CHECK("v" + reply.elements[i].text.substr(1) == reply.elements[i + 1].text);
      }
    }
    CHECK(engine.Ask("HRANDFIELD h -100").elements.size() == 100);
    CHECK(engine.Run("HRANDFIELD h 1 NONSENSE") == "(error) ERR syntax error");
    CHECK(engine.Run("HRANDFIELD h -9223372036854770000 WITHVALUES") ==
          "(error) ERR value is out of range");
    CHECK(engine.Run("HRANDFIELD none 1") == "[]");
    engine.Run("HELLO 3");
    CHECK(engine.client().Wire("HRANDFIELD h 1 WITHVALUES").substr(0, 8) == "*1\r\n*2\r\n");
    CHECK(engine.client().Wire("HGETALL none") == "%0\r\n");
  }
}

TEST_CASE("HSCAN walks over all fields once, with values or without") {
  EngineHarness engine;
  engine.Run("CONFIG SET hash-max-listpack-entries 0");
  for (int i = 0; i < 500; ++i) engine.Run("HSET h f" + std::to_string(i) + " v");
  std::set<std::string> seen;
  std::string cursor = "0";
  do {
    const Reply reply = engine.Ask("HSCAN h " + cursor);
    cursor = reply.elements[0].text;
    const auto& elements = reply.elements[1].elements;
    for (size_t i = 0; i < elements.size(); i += 2) CHECK(seen.insert(elements[i].text).second);
  } while (cursor != "0");
  CHECK(seen.size() == 500);
  CHECK(engine.Ask("HSCAN h 0 COUNT 9999 NOVALUES").elements[1].elements.size() == 500);
  CHECK(engine.Run("HSCAN none 0 NONSENSE") == "[\"0\", []]");
  CHECK(engine.Run("HSCAN h 0 NONSENSE") == "(error) ERR syntax error");
}

}  // namespace
}  // namespace torc
