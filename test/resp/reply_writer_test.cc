// Replies byte for byte as redis-server's DEBUG PROTOCOL and its commands were seen to send them.
#include "resp/reply_writer.h"

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <string>

namespace torc {
namespace {

std::string Written(int protocol, const std::function<void(ReplyWriter&)>& write) {
  Buffer out;
  ReplyWriter writer(&out, protocol);
  write(writer);
  return std::string(out.view());
}

std::string Resp2(const std::function<void(ReplyWriter&)>& write) {
  return Written(2, write);
}
std::string Resp3(const std::function<void(ReplyWriter&)>& write) {
  return Written(3, write);
}

TEST_CASE("replies that are alike in both protocols") {
  for (const int protocol : {2, 3}) {
    CAPTURE(protocol);
    const auto w = [&](const std::function<void(ReplyWriter&)>& write) {
      return Written(protocol, write);
    };
    CHECK(w([](auto& r) { r.Ok(); }) == "+OK\r\n");
    CHECK(w([](auto& r) { r.SimpleString("PONG"); }) == "+PONG\r\n");
    CHECK(w([](auto& r) { r.Error("ERR no"); }) == "-ERR no\r\n");
    CHECK(w([](auto& r) { r.Bulk(""); }) == "$0\r\n\r\n");
    CHECK(w([](auto& r) { r.Bulk("Hello World"); }) == "$11\r\nHello World\r\n");
    CHECK(w([](auto& r) { r.Array(0); }) == "*0\r\n");
    CHECK(w([](auto& r) { r.Array(12345678901); }) == "*12345678901\r\n");
    CHECK(w([](auto& r) { r.Raw(":1\r\n"); }) == ":1\r\n");
    CHECK(w([](auto& r) { r.BulkInteger(-42); }) == "$3\r\n-42\r\n");
  }
}

TEST_CASE("integers of every length are written exactly") {
  int64_t value = 0;
  for (int digits = 1; digits <= 18; ++digits) {
    value = value * 10 + digits % 10;
    for (const int64_t v : {value, -value, value + 9, value * 10}) {
      CHECK(Resp2([v](auto& r) { r.Integer(v); }) == ":" + std::to_string(v) + "\r\n");
    }
  }
  for (const int64_t v : {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
                          int64_t{0}, int64_t{-1}, int64_t{99}, int64_t{100}}) {
    CHECK(Resp3([v](auto& r) { r.Integer(v); }) == ":" + std::to_string(v) + "\r\n");
    const std::string text = std::to_string(v);
    CHECK(Resp2([v](auto& r) { r.BulkInteger(v); }) ==
          "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n");
  }
}

TEST_CASE("line ends within an error become blanks, those behind it go") {
  CHECK(Resp2([](auto& r) {
          r.Ok();
          r.Error("ERR a\r\nb\rc\n");
        }) == "+OK\r\n-ERR a  b c\r\n");
}

TEST_CASE("RESP3 types are themselves in RESP3") {
  CHECK(Resp3([](auto& r) { r.Null(); }) == "_\r\n");
  CHECK(Resp3([](auto& r) { r.NullArray(); }) == "_\r\n");
  CHECK(Resp3([](auto& r) { r.Map(3); }) == "%3\r\n");
  CHECK(Resp3([](auto& r) { r.Set(3); }) == "~3\r\n");
  CHECK(Resp3([](auto& r) { r.Push(2); }) == ">2\r\n");
  CHECK(Resp3([](auto& r) { r.Attribute(1); }) == "|1\r\n");
  CHECK(Resp3([](auto& r) { r.Double(3.141); }) == ",3.141\r\n");
  CHECK(Resp3([](auto& r) { r.Bool(true); }) == "#t\r\n");
  CHECK(Resp3([](auto& r) { r.Bool(false); }) == "#f\r\n");
  CHECK(Resp3([](auto& r) { r.BigNumber("1234567999999999999999999999999999999"); }) ==
        "(1234567999999999999999999999999999999\r\n");
  CHECK(Resp3([](auto& r) { r.Verbatim("txt", "This is a verbatim\nstring"); }) ==
        "=29\r\ntxt:This is a verbatim\nstring\r\n");
}

TEST_CASE("RESP3 types have their stand-ins in RESP2") {
  CHECK(Resp2([](auto& r) { r.Null(); }) == "$-1\r\n");
  CHECK(Resp2([](auto& r) { r.NullArray(); }) == "*-1\r\n");
  CHECK(Resp2([](auto& r) { r.Map(3); }) == "*6\r\n");
  CHECK(Resp2([](auto& r) { r.Set(3); }) == "*3\r\n");
  CHECK(Resp2([](auto& r) { r.Push(2); }) == "*2\r\n");
  CHECK(Resp2([](auto& r) { r.Double(3.141); }) == "$5\r\n3.141\r\n");
  CHECK(Resp2([](auto& r) { r.Bool(true); }) == ":1\r\n");
  CHECK(Resp2([](auto& r) { r.Bool(false); }) == ":0\r\n");
  CHECK(Resp2([](auto& r) { r.BigNumber("1234567999999999999999999999999999999"); }) ==
        "$37\r\n1234567999999999999999999999999999999\r\n");
  CHECK(Resp2([](auto& r) { r.Verbatim("txt", "This is a verbatim\nstring"); }) ==
        "$25\r\nThis is a verbatim\nstring\r\n");
}

TEST_CASE("the protocol may change between replies") {
  CHECK(Resp2([](auto& r) {
          r.Null();
          r.set_protocol(3);
          r.Null();
          CHECK(r.protocol() == 3);
        }) == "$-1\r\n_\r\n");
}

TEST_CASE("a length announced later lands in front of its body") {
  for (const size_t count : {0U, 9U, 10U, 12345U}) {
    std::string expected = "+OK\r\n*" + std::to_string(count) + "\r\n";
    for (size_t i = 0; i < count; ++i) expected += ":1\r\n";
    CHECK(Resp2([count](auto& r) {
            r.Ok();
            const size_t mark = r.ArrayLater();
            for (size_t i = 0; i < count; ++i) r.Integer(1);
            r.CloseArray(mark, count);
          }) == expected);
  }
}

TEST_CASE("lengths announced later nest and know their type") {
  const auto write = [](ReplyWriter& r) {
    const size_t outer = r.MapLater();
    r.Bulk("k");
    const size_t set = r.SetLater();
    for (int i = 0; i < 11; ++i) r.Integer(i);
    r.CloseSet(set, 11);
    r.CloseMap(outer, 1);
    const size_t push = r.PushLater();
    r.ClosePush(push, 0);
  };
  const std::string body =
      "$1\r\nk\r\n?11\r\n:0\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n:8\r\n:9\r\n:10\r\n";
  std::string resp3 = "%1\r\n" + body + ">0\r\n";
  std::string resp2 = "*2\r\n" + body + "*0\r\n";
  resp3[resp3.find('?')] = '~';
  resp2[resp2.find('?')] = '*';
  CHECK(Resp3(write) == resp3);
  CHECK(Resp2(write) == resp2);
}

TEST_CASE("a large bulk arrives whole behind what was there") {
  const std::string large(3'000'000, 'v');
  CHECK(Resp2([&](auto& r) {
          r.Ok();
          r.Bulk(large);
        }) == "+OK\r\n$3000000\r\n" + large + "\r\n");
}

}  // namespace
}  // namespace torc
