// What a write costs does not depend on how much its value holds already. The server's own figures
// say what commands took.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/text.h"
#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

using Words = std::vector<std::string>;

struct Shape {
  const char* command;
  // The write number `i` to a key, which makes its value larger.
  Words (*write)(const std::string& key, int i);
};

const std::string& Filler() {
  static const std::string text(100, 'x');
  return text;
}

std::vector<Shape> Shapes() {
  return {
      {"rpush",
       [](const std::string& key, int /*i*/) {
         return Words{"RPUSH", key, Filler()};
       }},
      {"sadd",
       [](const std::string& key, int i) {
         return Words{"SADD", key, "member:" + std::to_string(i)};
       }},
      {"hset",
       [](const std::string& key, int i) {
         return Words{"HSET", key, "field:" + std::to_string(i), Filler()};
       }},
      {"zadd",
       [](const std::string& key, int i) {
         return Words{"ZADD", key, std::to_string(i % 1000), "member:" + std::to_string(i)};
       }},
      {"xadd",
       [](const std::string& key, int i) {
         return Words{"XADD", key, std::to_string(i + 1) + "-1", "field", Filler()};
       }},
  };
}

void Write(Connection& client, const Shape& shape, const std::string& key, int from, int count) {
  constexpr int kPipeline = 500;
  for (int done = 0; done < count; done += kPipeline) {
    for (int i = 0; i < kPipeline; ++i) client.Send(shape.write(key, from + done + i));
    for (int i = 0; i < kPipeline; ++i) REQUIRE(client.Read().has_value());
  }
}

// Microseconds that a thousand more writes took: the least of some rounds, as others use the
// machine too.
int64_t CostUs(Connection& client, const Shape& shape, const std::string& key, int from) {
  constexpr int kWrites = 1000;
  int64_t least_us = INT64_MAX;
  for (int round = 0; round < 7; ++round) {
    client.Do("CONFIG RESETSTAT");
    Write(client, shape, key, from + round * kWrites, kWrites);
    const std::string info = client.Do("INFO commandstats").text;
    const std::string stats = InfoValue(info, std::string("cmdstat_") + shape.command);
    const size_t at = stats.find("usec=");
    REQUIRE(at != std::string::npos);
    const std::string digits = stats.substr(at + 5, stats.find(',', at) - at - 5);
    least_us = std::min(least_us, ParseInt64(digits).value_or(INT64_MAX));
  }
  return least_us;
}

TEST_CASE("a write costs the same, however much its value holds") {
  constexpr int kSmall = 500;  // beyond the compact forms, which cost more the longer they are
  constexpr int kLarge = 100'000;
  Server server;
  Connection client = server.Client();
  for (const Shape& shape : Shapes()) {
    CAPTURE(std::string(shape.command));
    Write(client, shape, "small", 0, kSmall);
    const int64_t small_us = CostUs(client, shape, "small", kSmall);
    Write(client, shape, "large", 0, kLarge);
    const int64_t large_us = CostUs(client, shape, "large", kLarge);
    CAPTURE(small_us);
    // Memory that is farther away takes its time, but not ten times as much.
    CHECK(large_us <= 10 * small_us + 1000);
    client.Do("FLUSHALL");
  }
}

}  // namespace
}  // namespace torc::testing
