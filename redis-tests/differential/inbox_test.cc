#include "redis-tests/differential/inbox.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "redis-tests/differential/mutate.h"

namespace torc::differential {
namespace {

Command Of(std::vector<std::string> args) {
  return Command{.args = std::move(args)};
}

std::string PatternMessage(const std::string& pattern, const std::string& text) {
  return ">4\r\n$8\r\npmessage\r\n$2\r\n" + pattern + "\r\n$1\r\nc\r\n$1\r\n" + text + "\r\n";
}

testing::RespValue Confirmation(const std::string& kind, const std::string& name) {
  const auto value = testing::ParseResp(">3\r\n" + testing::EncodeCommand({kind}).substr(4) + "$" +
                                        std::to_string(name.size()) + "\r\n" + name + "\r\n:1\r\n");
  REQUIRE(value.has_value());
  return *value;
}

TEST_CASE("messages of both protocols are told from replies that look like them") {
  CHECK(IsMessage(">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n"));
  CHECK(IsMessage("*3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$1\r\nx\r\n"));
  CHECK(IsMessage(PatternMessage("p1", "x")));
  CHECK_FALSE(IsMessage("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"));
  CHECK_FALSE(IsMessage("*2\r\n$7\r\nmessage\r\n$1\r\nc\r\n"));
  CHECK_FALSE(IsMessage("+message\r\n"));
}

TEST_CASE("an inbox keeps where messages came, and orders only the patterns of one") {
  Inbox inbox;
  inbox.Take("+OK\r\n");
  inbox.Take(PatternMessage("p2", "x"));
  inbox.Take(PatternMessage("p1", "x"));
  inbox.Take(PatternMessage("p1", "a"));
  inbox.Take("+PONG\r\n");
  inbox.Take(PatternMessage("p0", "a"));
  CHECK(inbox.reply_count() == 2);
  const auto messages = inbox.TakeMessages();
  REQUIRE(messages.size() == 4);
  CHECK(messages[0].frame == PatternMessage("p1", "x"));
  CHECK(messages[1].frame == PatternMessage("p2", "x"));
  CHECK(messages[2].frame == PatternMessage("p1", "a"));
  CHECK(messages[2].after == 1);
  CHECK(messages[3].after == 2);
  CHECK(inbox.message_count() == 0);
}

TEST_CASE("how many replies a command brings follows from what the client hears") {
  Subscriptions subscriptions;
  const auto first = Confirmation("unsubscribe", "a");
  CHECK(subscriptions.RepliesTo(Of({"UNSUBSCRIBE"}), first) == 1);
  for (const char* name : {"a", "b", "b"}) subscriptions.Learn(Confirmation("subscribe", name));
  subscriptions.Learn(Confirmation("psubscribe", "a"));
  CHECK(subscriptions.RepliesTo(Of({"unsubscribe"}), first) == 2);
  CHECK(subscriptions.RepliesTo(Of({"PUNSUBSCRIBE"}), Confirmation("punsubscribe", "a")) == 1);
  CHECK(subscriptions.RepliesTo(Of({"UNSUBSCRIBE", "a", "x", "y"}), first) == 3);
  subscriptions.Learn(Confirmation("unsubscribe", "a"));
  CHECK(subscriptions.RepliesTo(Of({"UNSUBSCRIBE"}), first) == 1);
  const auto refused = testing::ParseResp("-ERR no\r\n");
  CHECK(subscriptions.RepliesTo(Of({"SUBSCRIBE", "a", "b"}), *refused) == 1);
}

TEST_CASE("a spoiled command has no time to live that may end during the run") {
  Rng rng(7);
  int spoiled = 0;
  for (int i = 0; i < 100'000; ++i) {
    Command command = Of({"SET", "k", "v", "PX", "500000", "XX"});
    const auto before = command.args;
    MaybeSpoil(rng, &command);
    spoiled += command.args == before ? 0 : 1;
    for (size_t at = 1; at < command.args.size(); ++at) {
      if (!EqualsIgnoreCase(command.args[at - 1], "PX")) continue;
      const auto ttl = ParseInt64(command.args[at]).value_or(0);
      CHECK((ttl <= 0 || ttl >= 100'000));
    }
  }
  CHECK(spoiled > 1000);
}

}  // namespace
}  // namespace torc::differential
