#include <doctest/doctest.h>

#include <string>

#include "support/engine_harness.h"

namespace torc {
namespace {

TEST_CASE("SLOWLOG keeps slow commands, newest first") {
  EngineHarness engine;
  CHECK(engine.Run("SLOWLOG GET") == "[]");
  engine.clock().SetMonoStepNs(20'000'000);
  engine.Run("CLIENT SETNAME me");
  engine.Run("SET k v");
  CHECK(engine.Run("SLOWLOG LEN") == "2");
  CHECK(engine.Run("SLOWLOG GET 2") ==
        "[[2, 1700000000, 20000, [\"SLOWLOG\", \"LEN\"], \"127.0.0.1:10001\", \"me\"], [1, "
        "1700000000, 20000, [\"SET\", \"k\", \"v\"], \"127.0.0.1:10001\", \"me\"]]");
  CHECK(engine.Ask("SLOWLOG GET -1").elements.size() == 4);
  CHECK(engine.Ask("SLOWLOG GET 0").elements.empty());
  engine.clock().SetMonoStepNs(1000);
  CHECK(engine.Run("SLOWLOG RESET") == "OK");
  CHECK(engine.Run("SLOWLOG LEN") == "0");
}

TEST_CASE("SLOWLOG GET takes a count from -1 on") {
  EngineHarness engine;
  for (const char* wrong : {"SLOWLOG GET x", "SLOWLOG GET -2"}) {
    CHECK(engine.Run(wrong) == "(error) ERR count should be greater than or equal to -1");
  }
  CHECK(engine.Run("SLOWLOG LEN x") ==
        "(error) ERR wrong number of arguments for 'slowlog|len' command");
}

TEST_CASE("SLOWLOG is bounded in entries, arguments and bytes") {
  EngineHarness engine;
  engine.options().slowlog.slower_than_us = 0;
  engine.options().slowlog.length_max = 3;
  for (int i = 0; i < 9; ++i) engine.Run("PING");
  CHECK(engine.shard().services().slowlog->entries().size() == 3);
  const std::string long_value(200, 'x');
  engine.RunArgs({"SET", "k", long_value});
  const auto& set = engine.shard().services().slowlog->entries()[0];
  CHECK(set.args[2] == std::string(128, 'x') + "... (72 more bytes)");
  std::string many = "DEL";
  for (int i = 0; i < 40; ++i) many += " k" + std::to_string(i);
  engine.Run(many);
  const auto& del = engine.shard().services().slowlog->entries()[0];
  CHECK(del.args.size() == 32);
  CHECK(del.args.back() == "... (10 more arguments)");
}

TEST_CASE("a negative threshold turns SLOWLOG off") {
  EngineHarness engine;
  engine.clock().SetMonoStepNs(20'000'000);
  engine.Run("CONFIG SET slowlog-log-slower-than -1");
  engine.Run("PING");
  CHECK(engine.Run("SLOWLOG LEN") == "0");
}

}  // namespace
}  // namespace torc
