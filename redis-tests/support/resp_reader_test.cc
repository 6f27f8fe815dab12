#include "support/resp_reader.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "base/rng.h"

namespace torc::testing {
namespace {

RespValue Parsed(std::string_view frame) {
  std::string error;
  const auto value = ParseResp(frame, &error);
  CAPTURE(frame);
  CAPTURE(error);
  REQUIRE(value.has_value());
  return *value;
}

TEST_CASE("RESP2's types are read") {
  CHECK(Parsed("+OK\r\n").Print() == "+OK");
  CHECK(Parsed("-ERR no\r\n").IsError());
  CHECK(Parsed(":-9223372036854775808\r\n").integer == std::numeric_limits<int64_t>::min());
  CHECK(Parsed("$5\r\na\r\nbc\r\n").text == "a\r\nbc");
  CHECK(Parsed("$0\r\n\r\n").Print() == "\"\"");
  CHECK(Parsed("$-1\r\n").Print() == "nil($)");
  CHECK(Parsed("*-1\r\n").Print() == "nil(*)");
  CHECK(Parsed("*0\r\n").Print() == "[]");
  CHECK(Parsed("*2\r\n*1\r\n:1\r\n$1\r\nx\r\n").Print() == "[[:1], \"x\"]");
}

TEST_CASE("RESP3's types are read") {
  CHECK(Parsed("_\r\n").is_null);
  CHECK(Parsed(",3.25\r\n").number == 3.25);
  CHECK(Parsed(",-inf\r\n").number == -std::numeric_limits<double>::infinity());
  CHECK(Parsed(",nan\r\n").text == "nan");
  CHECK(Parsed("#t\r\n").integer == 1);
  CHECK(Parsed("#f\r\n").integer == 0);
  CHECK(Parsed("(-1234567890123456789012345678901234567890\r\n").text.size() == 41);
  CHECK(Parsed("!5\r\nERR a\r\n").IsError());
  const RespValue verbatim = Parsed("=8\r\ntxt:some\r\n");
  CHECK(verbatim.verbatim_format == "txt");
  CHECK(verbatim.text == "some");
  CHECK(Parsed("%1\r\n+k\r\n:1\r\n").Find("k")->IsInteger(1));
  CHECK(Parsed("~2\r\n:1\r\n:2\r\n").Print() == "~{:1, :2}");
  CHECK(Parsed(">2\r\n+message\r\n+x\r\n").type == RespType::kPush);
}

TEST_CASE("an attribute belongs to the value that follows it, at any depth") {
  const RespValue value = Parsed("|1\r\n+ttl\r\n:3600\r\n*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n");
  CHECK(value.type == RespType::kArray);
  REQUIRE(value.attributes.size() == 2);
  CHECK(value.attributes[1].IsInteger(3600));
  REQUIRE(value.items.size() == 2);
  CHECK(value.items[0].attributes.size() == 2);
  CHECK(value.items[1].attributes.empty());
  CHECK(Parsed("|0\r\n:1\r\n").IsInteger(1));
}

TEST_CASE("what is not exactly RESP is refused") {
  for (const char* bad : {"?\r\n",
                          "OK\r\n",
                          ":+5\r\n",
                          ":\r\n",
                          ":1.0\r\n",
                          ":01\r\n",
                          "$+1\r\na\r\n",
                          "$-2\r\n",
                          "$01\r\na\r\n",
                          "*-2\r\n",
                          "$1\r\nab\r\n",
                          "$1\r\na\n\r\n",
                          "+OK\n",
                          "+O\rK\r\n",
                          "+O\nK\r\n",
                          "_x\r\n",
                          "#x\r\n",
                          ",abc\r\n",
                          ",0x1\r\n",
                          "(12a\r\n",
                          "(\r\n",
                          "=3\r\nabc\r\n",
                          "=4\r\nabcd\r\n",
                          "%-1\r\n",
                          "~-1\r\n",
                          "!-1\r\n",
                          ">-1\r\n",
                          "$99999999999999999999\r\n",
                          "*99999999999\r\n",
                          "$2000000000\r\n"}) {
    INFO(std::string(bad));
    RespScanner scanner;
    CHECK(scanner.Scan(bad) == RespScanner::Result::kMalformed);
    CHECK_FALSE(scanner.error().empty());
    CHECK_FALSE(ParseResp(bad).has_value());
  }
  CHECK_FALSE(ParseResp("+OK\r\n+OK\r\n").has_value());
  CHECK_FALSE(ParseResp("").has_value());
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](size_t depth) {
    std::string frame;
    for (size_t i = 0; i < depth; ++i) frame += "*1\r\n";
    return frame + ":1\r\n";
  };
  CHECK(ParseResp(nested(64)).has_value());
  CHECK_FALSE(ParseResp(nested(65)).has_value());
}

// A random value with its wire form, built without the reader.
std::string RandomFrame(Rng& rng, int depth) {
  const auto count = [&] { return rng.Below(4); };
  switch (rng.Below(depth > 3 ? 6 : 11)) {
    case 0:
      return "+word\r\n";
    case 1:
      return ":" + std::to_string(static_cast<int64_t>(rng.Next())) + "\r\n";
    case 2: {
      const std::string body(rng.Below(20), '\r');
      return "$" + std::to_string(body.size()) + "\r\n" + body + "\r\n";
    }
    case 3:
      return "_\r\n";
    case 4:
      return "#t\r\n";
    case 5:
      return ",1.5\r\n";
    default: {
      static constexpr char kTypes[] = {'*', '~', '>', '%', '|'};
      const char type = kTypes[rng.Below(5)];
      const uint64_t items = count();
      std::string frame = type + std::to_string(items) + "\r\n";
      const uint64_t elements = type == '%' || type == '|' ? items * 2 : items;
      for (uint64_t i = 0; i < elements; ++i) frame += RandomFrame(rng, depth + 1);
      if (type == '|') frame += RandomFrame(rng, depth + 1);
      return frame;
    }
  }
}

TEST_CASE("replies are found whole however the bytes arrive") {
  const uint64_t seed = 20'260'101;
  CAPTURE(seed);
  Rng rng(seed);
  std::string stream;
  std::vector<std::string> frames;
  for (int i = 0; i < 500; ++i) {
    frames.push_back(RandomFrame(rng, 0));
    stream += frames.back();
  }
  for (const size_t step : {1, 2, 3, 7, 64, 4096}) {
    CAPTURE(step);
    RespReader reader;
    size_t found = 0;
    for (size_t i = 0; i < stream.size(); i += step) {
      reader.Feed(std::string_view(stream).substr(i, step));
      while (auto value = reader.Next()) {
        REQUIRE(found < frames.size());
        const auto whole = ParseResp(frames[found]);
        REQUIRE(whole.has_value());
        CHECK(*value == *whole);
        ++found;
      }
    }
    CHECK(found == frames.size());
    CHECK(reader.pending().empty());
    CHECK_FALSE(reader.malformed());
  }
}

TEST_CASE("a cut reply is never complete and random damage never reads outside") {
  const uint64_t seed = 20'260'102;
  CAPTURE(seed);
  Rng rng(seed);
  for (int i = 0; i < 3000; ++i) {
    std::string frame = RandomFrame(rng, 0);
    const size_t cut = static_cast<size_t>(rng.Below(frame.size()));
    RespScanner scanner;
    CHECK(scanner.Scan(std::string_view(frame).substr(0, cut)) == RespScanner::Result::kNeedMore);
    frame[cut] = static_cast<char>(rng.Below(256));
    RespReader reader({.depth_max = 16, .bulk_bytes_max = 4096, .items_max = 4096});
    reader.Feed(frame);
    while (reader.Next().has_value()) {
    }
  }
}

TEST_CASE("commands are encoded as arrays of bulk strings") {
  CHECK(EncodeCommand({"SET", "", std::string("\r\n", 2)}) ==
        "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$2\r\n\r\n\r\n");
}

}  // namespace
}  // namespace torc::testing
