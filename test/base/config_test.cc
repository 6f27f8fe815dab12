#include "base/config.h"

#include <doctest/doctest.h>

#include <climits>
#include <cstdint>
#include <string>
#include <vector>

namespace torc {
namespace {

enum class Policy { kNone, kLru };
constexpr ConfigChoice kPolicies[] = {{"allkeys-lru", static_cast<int>(Policy::kLru)},
                                      {"noeviction", static_cast<int>(Policy::kNone)}};
constexpr ConfigChoice kShutdown[] = {{"default", 0}, {"save", 1}, {"nosave", 2}, {"now", 4}};

struct Options {
  bool append_only = false;
  int timeout_s = 0;
  int64_t slow_us = 10000;
  uint16_t port = 6379;
  uint32_t socket_mode = 0;
  uint64_t memory_bytes_max = 0;
  int64_t query_bytes_max = 1 << 30;
  int64_t client_memory = 0;
  Policy policy = Policy::kNone;
  int on_sigterm = 0;
  std::string password;
  std::vector<std::string> bind = {"*", "-::*"};
  std::string save = "3600 1";
};

// One parameter of each kind, and what the hooks saw.
struct Fixture {
  Options options;
  ConfigRegistry registry;
  std::vector<int> applied_timeouts;
  std::string refuse_port;
  std::vector<std::string> users;

  Fixture() {
    registry.YesNo({.name = "appendonly"}, &options.append_only);
    registry.Integer({.name = "timeout", .max = INT_MAX}, &options.timeout_s, [this] {
      applied_timeouts.push_back(options.timeout_s);
      return Status::Ok();
    });
    registry.Integer({.name = "slowlog-log-slower-than", .min = -1}, &options.slow_us);
    registry.Integer({.name = "port"}, &options.port, [this] {
      return refuse_port.empty() ? Status::Ok() : Status::Unavailable(refuse_port);
    });
    registry.Integer({.name = "unixsocketperm", .max = 0777, .immutable = true, .octal = true},
                     &options.socket_mode);
    registry.Memory({.name = "maxmemory"}, &options.memory_bytes_max);
    registry.Memory({.name = "client-query-buffer-limit", .min = 1 << 20},
                    &options.query_bytes_max);
    registry.MemoryOrPercent({.name = "maxmemory-clients"}, &options.client_memory);
    registry.Enum({.name = "maxmemory-policy"}, kPolicies, &options.policy);
    registry.FlagSet({.name = "shutdown-on-sigterm"}, kShutdown, &options.on_sigterm);
    registry.Text({.name = "requirepass", .sensitive = true}, &options.password);
    registry.Words({.name = "bind"}, &options.bind);
    registry.Integer({.name = "repl-ping-replica-period", .alias = "repl-ping-slave-period"},
                     &ping_s);
    registry.Text({.name = "dir", .is_protected = true}, &dir);
    registry.YesNo({.name = "key-load-delay", .hidden = true}, &hidden);
    registry.Custom(
        {.name = "save"},
        {.set = [this](ConfigWords words, ConfigSource source) { return SetSave(words, source); },
         .get = [this] { return options.save; }});
    registry.Directive("user", {.load = [this](ConfigWords words) {
                         if (words.empty()) return Status::InvalidArgument("no name");
                         users.push_back(words[0]);
                         return Status::Ok();
                       }});
  }

  Status SetSave(ConfigWords words, ConfigSource source) {
    if (source != ConfigSource::kLaterLine) options.save.clear();
    if (words.size() % 2 != 0) return Status::InvalidArgument("Invalid save parameters");
    for (const std::string& word : words) {
      if (!options.save.empty()) options.save += ' ';
      options.save += word;
    }
    return Status::Ok();
  }

  std::string Set(std::vector<ConfigPair> pairs) {
    const Status status = registry.Set(pairs, ProtectedConfigs::kRefuse);
    return status.ok() ? "OK" : status.message();
  }
  // A refusal of one value, without the words that all of them share.
  std::string Reason(std::string_view name, std::string_view value) {
    const std::string prefix =
        "CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - ";
    const std::string message = Set({{name, value}});
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  }
  std::string Get(std::string_view name) {
    const std::vector<std::string_view> patterns = {name};
    const auto values = registry.Get(patterns);
    return values.size() == 1 ? values[0].value : "(" + std::to_string(values.size()) + ")";
  }
  std::string Load(std::vector<std::string> words) {
    const Status status = registry.Load(words);
    return status.ok() ? "OK" : status.message();
  }

  int ping_s = 10;
  std::string dir = "/";
  bool hidden = false;
};

TEST_CASE("a value is set in the bound field and read back in its canonical form") {
  Fixture f;
  const struct {
    const char *name, *value, *shown;
  } cases[] = {{"appendonly", "YES", "yes"},
               {"timeout", "300", "300"},
               {"slowlog-log-slower-than", "-1", "-1"},
               {"maxmemory", "2gb", "2147483648"},
               {"maxmemory", "", "0"},
               {"maxmemory", "18446744073709551615", "18446744073709551615"},
               {"maxmemory-clients", "5%", "5%"},
               {"maxmemory-clients", "1mb", "1048576"},
               {"maxmemory-policy", "ALLKEYS-LRU", "allkeys-lru"},
               {"shutdown-on-sigterm", "now save", "save now"},
               {"shutdown-on-sigterm", "default", "default"},
               {"requirepass", "a b", "a b"},
               {"bind", "127.0.0.1 -::1", "127.0.0.1 -::1"},
               {"bind", "", ""},
               {"save", "900 1 300 10", "900 1 300 10"},
               {"save", "", ""}};
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CAPTURE(c.value);
    CHECK(f.Set({{c.name, c.value}}) == "OK");
    CHECK(f.Get(c.name) == c.shown);
  }
  CHECK(f.options.timeout_s == 300);
  CHECK(f.options.policy == Policy::kLru);
}

TEST_CASE("a bad value is refused with Redis's words for its kind") {
  Fixture f;
  CHECK(f.Reason("appendonly", "maybe") == "argument must be 'yes' or 'no'");
  CHECK(f.Reason("timeout", "-1") == "argument must be between 0 and 2147483647 inclusive");
  CHECK(f.Reason("timeout", "05") == "argument couldn't be parsed into an integer");
  CHECK(f.Reason("timeout", "") == "argument couldn't be parsed into an integer");
  CHECK(f.Reason("port", "70000") == "argument must be between 0 and 65535 inclusive");
  CHECK(f.Reason("slowlog-log-slower-than", "-5") ==
        "argument must be between -1 and 9223372036854775807 inclusive");
  CHECK(f.Reason("maxmemory", "1tb") == "argument must be a memory value");
  CHECK(f.Reason("client-query-buffer-limit", "5") ==
        "argument must be between 1048576 and 9223372036854775807 inclusive");
  CHECK(f.Reason("client-query-buffer-limit", "18446744073709551615") ==
        "argument must be between 1048576 and 9223372036854775807 inclusive");
  CHECK(f.Reason("maxmemory-clients", "101%") ==
        "percentage argument must be less or equal to 100");
  CHECK(f.Reason("maxmemory-clients", "-5") == "argument must be a memory or percent value");
  CHECK(f.Reason("maxmemory-policy", "x") ==
        "argument(s) must be one of the following: allkeys-lru, noeviction");
  CHECK(f.Reason("shutdown-on-sigterm", "") ==
        "argument(s) must be one of the following: default, save, nosave, now");
  CHECK(f.Reason("save", "900") == "Invalid save parameters");
  CHECK(f.Reason("unixsocketperm", "700") == "can't set immutable config");
  CHECK(f.Reason("dir", "/tmp") == "can't set protected config");
}

TEST_CASE("CONFIG SET names what it does not know, first") {
  Fixture f;
  const std::string unknown = "Unknown option or number of arguments for CONFIG SET - 'foo'";
  CHECK(f.Set({{"foo", "1"}}) == unknown);
  CHECK(f.Set({{"unixsocketperm", "1"}, {"foo", "1"}}) == unknown);
  CHECK(f.Set({{"user", "1"}}) == "Unknown option or number of arguments for CONFIG SET - 'user'");
  CHECK(f.Set({{"timeout", "1"}, {"TIMEOUT", "2"}}) ==
        "CONFIG SET failed (possibly related to argument 'TIMEOUT') - duplicate parameter");
  CHECK(f.Set({{"repl-ping-slave-period", "3"}, {"repl-ping-replica-period", "4"}}) == "OK");
  CHECK(f.ping_s == 4);
}

TEST_CASE("several pairs are set together or not at all") {
  Fixture f;
  CHECK(f.Set({{"timeout", "7"}, {"maxmemory", "abc"}}) ==
        "CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory "
        "value");
  CHECK(f.options.timeout_s == 0);
  CHECK(f.applied_timeouts.empty());
  CHECK(f.Set({{"timeout", "7"}, {"maxmemory", "1k"}}) == "OK");
  CHECK(f.applied_timeouts == std::vector<int>{7});
}

TEST_CASE("a hook that refuses puts every value back and hooks hear of it") {
  Fixture f;
  f.refuse_port = "Unable to listen on this port. Check server logs.";
  CHECK(f.Set({{"timeout", "7"}, {"port", "1"}, {"save", "1 2"}}) ==
        "CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. "
        "Check server logs.");
  CHECK(f.options.timeout_s == 0);
  CHECK(f.options.port == 6379);
  CHECK(f.options.save == "3600 1");
  CHECK(f.applied_timeouts == std::vector<int>{7, 0});
}

TEST_CASE("protected parameters may be set when the configuration says so") {
  Fixture f;
  const ConfigPair pair = {"dir", "/tmp"};
  CHECK(f.registry.Set({&pair, 1}, ProtectedConfigs::kAllow).ok());
  CHECK(f.dir == "/tmp");
}

TEST_CASE("CONFIG GET answers exact names as asked and globs by all names, once each") {
  Fixture f;
  const auto get = [&](std::vector<std::string_view> patterns) {
    std::string all;
    for (const auto& [name, value] : f.registry.Get(patterns)) all += name + "=" + value + " ";
    return all;
  };
  CHECK(get({"TimeOut", "tim*"}) == "TimeOut=0 ");
  CHECK(get({"TIM[eE]OUT", "timeout"}) == "timeout=0 ");
  CHECK(get({"repl-ping-*"}) == "repl-ping-replica-period=10 repl-ping-slave-period=10 ");
  CHECK(get({"repl-ping-slave-period"}) == "repl-ping-slave-period=10 ");
  CHECK(get({"key-load*"}).empty());
  CHECK(get({"key-load-delay"}) == "key-load-delay=no ");
  CHECK(get({"user", "nothing", "no*thing"}).empty());
  CHECK(get({"*"}).find("user") == std::string::npos);
}

TEST_CASE("every parameter takes back what CONFIG GET gave") {
  Fixture f;
  const std::vector<std::string_view> all = {"*"};
  for (const auto& [name, value] : f.registry.Get(all)) {
    CAPTURE(name);
    if (name == "unixsocketperm") continue;
    const ConfigPair pair = {name, value};
    CHECK(f.registry.Set({&pair, 1}, ProtectedConfigs::kAllow).ok());
    CHECK(f.Get(name) == value);
  }
}

TEST_CASE("a line of a file has the words its kind takes") {
  Fixture f;
  f.registry.BeginLoad();
  CHECK(f.Load({"timeout"}) == "wrong number of arguments");
  CHECK(f.Load({"timeout", "1", "2"}) == "wrong number of arguments");
  CHECK(f.Load({"TIMEOUT", "5"}) == "OK");
  CHECK(f.Load({"unixsocketperm", "770"}) == "OK");
  CHECK(f.options.socket_mode == 0770);
  CHECK(f.Load({"unixsocketperm", "9"}) == "argument couldn't be parsed as an octal number");
  CHECK(f.Load({"bind", "1.2.3.4", "::1"}) == "OK");
  CHECK(f.options.bind == std::vector<std::string>{"1.2.3.4", "::1"});
  CHECK(f.Load({"bind", "1.2.3.4 ::2"}) == "OK");
  CHECK(f.options.bind == std::vector<std::string>{"1.2.3.4", "::2"});
  CHECK(f.Load({"foo", "1"}) == "Bad directive or wrong number of arguments");
  CHECK(f.Load({}) == "Bad directive or wrong number of arguments");
  CHECK(f.applied_timeouts.empty());
  CHECK(f.registry.WasGiven("timeout"));
  CHECK_FALSE(f.registry.WasGiven("port"));
}

TEST_CASE("lines of one directive add up, beginning anew with each load") {
  Fixture f;
  for (int load = 0; load < 2; ++load) {
    f.registry.BeginLoad();
    f.options.save = "3600 1";
    CHECK(f.Load({"save", "900", "1"}) == "OK");
    CHECK(f.Load({"save", "300", "10"}) == "OK");
    CHECK(f.options.save == "900 1 300 10");
  }
  CHECK(f.Load({"user", "ann", "on"}) == "OK");
  CHECK(f.Load({"user"}) == "no name");
  CHECK(f.users == std::vector<std::string>{"ann"});
}

TEST_CASE("lines for a file say what differs from the declaration") {
  Fixture f;
  CHECK(f.Set({{"maxmemory", "64mb"}, {"requirepass", "a\"b"}, {"bind", ""}, {"save", ""}}) ==
        "OK");
  std::string changed;
  for (const ConfigLines& entry : f.registry.Lines()) {
    if (!entry.is_default) {
      for (const std::string& line : entry.lines) changed += line + "\n";
    }
  }
  CHECK(changed == "maxmemory 64mb\nrequirepass \"a\\\"b\"\nbind \"\"\nsave \"\"\n");
}

TEST_CASE("secrets are known by both their letter cases and nothing else is one") {
  Fixture f;
  CHECK(f.registry.IsSensitive("RequirePass"));
  CHECK_FALSE(f.registry.IsSensitive("timeout"));
  CHECK_FALSE(f.registry.IsSensitive("foo"));
}

}  // namespace
}  // namespace torc
