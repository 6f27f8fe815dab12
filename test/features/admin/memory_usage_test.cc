// MEMORY USAGE beside what the allocator says.

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/memory.h"
#include "support/engine_harness.h"
#include "support/fake_clock.h"
#include "support/test_shard.h"

namespace torc {
namespace {

// An engine without a shadow: all that it allocates is its data.
class Scales {
 public:
  Scales() : shard_({}, &clock_), client_(&shard_.shard(), ClientId(1)) {
    Run({"SET", "warm", "1"});
    Run({"DEL", "warm"});
  }

  void Run(const std::vector<std::string>& words) {
    const std::vector<std::string_view> argv(words.begin(), words.end());
    const std::string reply = client_.RunArgs(argv);
    REQUIRE_MESSAGE(reply.find("(error)") == std::string::npos, words[0] << ": " << reply);
  }
  // What the tables take is told apart: only the mean share of a key is in MEMORY USAGE.
  size_t ValueBytes() { return AllocatedBytes() - shard_.shard().keyspace().TableBytes(); }
  size_t Usage(const std::string& key) {
    const auto bytes = client_.Ask("MEMORY USAGE " + key).integer;
    REQUIRE(bytes > 0);
    return static_cast<size_t>(bytes);
  }
  std::string Encoding(const std::string& key) {
    return client_.Ask("OBJECT ENCODING " + key).text;
  }

 private:
  FakeClock clock_;
  TestShard shard_;
  TestClient client_;
};

using Build = std::function<void(Scales&, const std::string& key)>;

std::string Text(size_t bytes, size_t salt) {
  std::string text = std::to_string(salt) + ":";
  text.resize(std::max(bytes, text.size()), 'x');
  return text;
}

// `command` with so many rounds of arguments, some at a time.
Build Filled(std::string command, size_t rounds, std::vector<size_t> argument_bytes) {
  return [=](Scales& scales, const std::string& key) {
    constexpr size_t kRoundsAtATime = 100;
    size_t salt = 0;
    for (size_t done = 0; done < rounds;) {
      std::vector<std::string> words = {command, key};
      for (size_t i = 0; i < kRoundsAtATime && done < rounds; ++i, ++done) {
        if (command == "ZADD") words.push_back(std::to_string(++salt) + ".5");
        for (const size_t bytes : argument_bytes) {
          words.push_back(bytes == 0 ? std::to_string(++salt) : Text(bytes, ++salt));
        }
      }
      scales.Run(words);
    }
  };
}

Build StreamOf(size_t entries, bool pending) {
  return [=](Scales& scales, const std::string& key) {
    for (size_t i = 1; i <= entries; ++i) {
      scales.Run({"XADD", key, std::to_string(i * 7), "field", Text(20, i)});
    }
    if (!pending) return;
    scales.Run({"XGROUP", "CREATE", key, "group", "0"});
    // A few at a time: a long reply would leave the client a large buffer.
    constexpr size_t kAtATime = 50;
    for (size_t i = 0; i < entries; i += kAtATime) {
      scales.Run({"XREADGROUP", "GROUP", "group", "reader", "COUNT", std::to_string(kAtATime),
                  "STREAMS", key, ">"});
    }
  };
}

struct Case {
  const char* name;
  const char* encoding;
  size_t keys;
  Build build;
};

TEST_CASE("MEMORY USAGE is within 5 % of what was allocated, for each type and encoding") {
  const auto string_of = [](size_t bytes) -> Build {
    return [=](Scales& s, const std::string& key) { s.Run({"SET", key, Text(bytes, 1)}); };
  };
  const std::vector<Case> cases = {
      {"integers", "int", 20000,
       [](Scales& s, const std::string& k) {
         s.Run({"SET", k, "77"});
       }},
      {"short strings", "embstr", 20000, string_of(20)},
      {"strings inline", "raw", 2000, string_of(500)},
      {"strings of 2 kB", "raw", 500, string_of(2000)},
      {"strings of 100 kB", "raw", 20, string_of(100000)},
      {"strings of 5 MB", "raw", 2, string_of(5000000)},
      {"strings with room to grow", "raw", 20,
       [](Scales& s, const std::string& key) {
         for (size_t i = 0; i < 50; ++i) s.Run({"APPEND", key, Text(1000, i)});
       }},
      {"strings with a deadline", "embstr", 20000,
       [](Scales& s, const std::string& k) {
         s.Run({"SET", k, "some text", "EX", "100"});
       }},
      {"small lists", "listpack", 2000, Filled("RPUSH", 5, {10})},
      {"lists of a block", "listpack", 200, Filled("RPUSH", 100, {20})},
      {"large lists", "quicklist", 3, Filled("RPUSH", 30000, {12})},
      {"lists of large texts", "quicklist", 3, Filled("RPUSH", 200, {10000})},
      {"sets of few integers", "intset", 2000, Filled("SADD", 5, {0})},
      {"sets of integers", "intset", 100, Filled("SADD", 500, {0})},
      {"small sets", "listpack", 1000, Filled("SADD", 20, {12})},
      {"sets", "hashtable", 20, Filled("SADD", 2000, {12})},
      {"large sets", "hashtable", 2, Filled("SADD", 60000, {24})},
      {"small hashes", "listpack", 1000, Filled("HSET", 10, {8, 16})},
      {"hashes", "hashtable", 20, Filled("HSET", 1000, {8, 30})},
      {"hashes of large texts", "hashtable", 4, Filled("HSET", 300, {12, 2000})},
      {"large hashes", "hashtable", 2, Filled("HSET", 50000, {10, 10})},
      {"small sorted sets", "listpack", 1000, Filled("ZADD", 10, {12})},
      {"sorted sets", "skiplist", 20, Filled("ZADD", 1000, {12})},
      {"large sorted sets", "skiplist", 2, Filled("ZADD", 50000, {20})},
      {"streams of few", "stream", 500, StreamOf(3, false)},
      {"streams", "stream", 20, StreamOf(1000, false)},
      {"streams with a group", "stream", 10, StreamOf(1000, true)},
  };
  for (const Case& one : cases) {
    CAPTURE(std::string(one.name));
    Scales scales;
    const size_t before = scales.ValueBytes();
    for (size_t i = 0; i < one.keys; ++i) one.build(scales, "key:" + std::to_string(i));
    const size_t after = scales.ValueBytes();
    size_t told = 0;
    for (size_t i = 0; i < one.keys; ++i) told += scales.Usage("key:" + std::to_string(i));
    CHECK(scales.Encoding("key:0") == one.encoding);
    constexpr size_t kSlotBytes = 9;
    const auto truth = static_cast<double>(after - before + one.keys * kSlotBytes);
    const double off = static_cast<double>(told) / truth - 1;
    CAPTURE(told);
    CAPTURE(truth);
    CHECK(std::abs(off) < 0.05);
  }
}

}  // namespace
}  // namespace torc
