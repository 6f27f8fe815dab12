#include "server/config_values.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace torc {
namespace {

struct Fixture {
  std::vector<SavePoint> save = {{3600, 1}};
  OutputLimits limits;
  ConfigRegistry registry;

  Fixture() {
    DeclareSavePoints(registry, &save);
    DeclareOutputLimits(registry, &limits);
  }

  std::string Set(std::string_view name, std::string_view value) {
    const ConfigPair pair = {name, value};
    const Status status = registry.Set({&pair, 1}, ProtectedConfigs::kRefuse);
    if (status.ok()) return "OK";
    return status.message().substr(status.message().rfind(" - ") + 3);
  }
  std::string Get(std::string_view name) { return registry.Get({&name, 1}).at(0).value; }
  std::string Load(std::vector<std::string> words) {
    const Status status = registry.Load(words);
    return status.ok() ? "OK" : status.message();
  }
  std::vector<std::string> Lines(std::string_view name) {
    for (const ConfigLines& entry : registry.Lines()) {
      if (entry.name == name) return entry.lines;
    }
    return {};
  }
};

TEST_CASE("save points are pairs; none of them means never") {
  Fixture f;
  CHECK(f.Set("save", "900 1 300 10") == "OK");
  CHECK(f.Get("save") == "900 1 300 10");
  CHECK(f.Lines("save") == std::vector<std::string>{"save 900 1", "save 300 10"});
  CHECK(f.Set("save", "") == "OK");
  CHECK(f.save.empty());
  CHECK(f.Lines("save") == std::vector<std::string>{"save \"\""});
  for (const char* bad : {"1", "a b", "0 1", "1 -1", "1 2 3", "900  1"}) {
    CAPTURE(bad);
    CHECK(f.Set("save", bad) == "Invalid save parameters");
    CHECK(f.save.empty());
  }
}

TEST_CASE("save lines of a file replace the default and add up") {
  Fixture f;
  f.registry.BeginLoad();
  CHECK(f.Load({"save", "900", "1"}) == "OK");
  CHECK(f.Load({"save", "60 5"}) == "OK");
  CHECK(f.Get("save") == "900 1 60 5");
  CHECK(f.Load({"save", ""}) == "OK");
  CHECK(f.save.empty());
}

TEST_CASE("an output buffer limit changes its class and leaves the others") {
  Fixture f;
  CHECK(f.Get("client-output-buffer-limit") ==
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
  CHECK(f.Set("client-output-buffer-limit", "slave 1mb 2 3 Normal 4 5 6") == "OK");
  CHECK(f.Get("client-output-buffer-limit") ==
        "normal 4 5 6 slave 1048576 2 3 pubsub 33554432 8388608 60");
  CHECK(f.limits.Of(ClientClass::kNormal).soft_seconds == 6);
  CHECK(f.Lines("client-output-buffer-limit") ==
        std::vector<std::string>{"client-output-buffer-limit normal 4 5 6",
                                 "client-output-buffer-limit replica 1mb 2 3",
                                 "client-output-buffer-limit pubsub 32mb 8mb 60"});
  f.registry.BeginLoad();
  CHECK(f.Load({"client-output-buffer-limit", "pubsub", "1", "2", "3"}) == "OK");
  CHECK(f.Load({"client-output-buffer-limit", "replica", "256mb", "64mb", "60"}) == "OK");
  CHECK(f.Get("client-output-buffer-limit") ==
        "normal 4 5 6 slave 268435456 67108864 60 pubsub 1 2 3");
}

TEST_CASE("a wrong output buffer limit changes nothing") {
  Fixture f;
  const std::string before = f.Get("client-output-buffer-limit");
  const auto set = [&](const char* value) { return f.Set("client-output-buffer-limit", value); };
  CHECK(set("normal 1 2") == "Wrong number of arguments in buffer limit configuration.");
  CHECK(set("foo 1 2 3") == "Invalid client class specified in buffer limit configuration.");
  for (const char* bad : {"normal a 2 3", "normal 1 -2 3", "normal 1 2 -3", "normal 1 2 3kb",
                          "pubsub 1 1 1 normal 1 2 x"}) {
    CAPTURE(bad);
    CHECK(set(bad) == "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
  }
  CHECK(f.Get("client-output-buffer-limit") == before);
}

}  // namespace
}  // namespace torc
