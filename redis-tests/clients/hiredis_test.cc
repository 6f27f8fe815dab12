// hiredis, the C library under many clients (0.14: RESP2 only).

#include <doctest/doctest.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <string>

#include "redis-tests/clients/server.h"

namespace torc::testing {
namespace {

struct FreeContext {
  void operator()(redisContext* context) const { redisFree(context); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

Context Connect(Server& server) {
  Context context(redisConnect("127.0.0.1", server.port()));
  REQUIRE(context != nullptr);
  REQUIRE(context->err == 0);
  const timeval timeout{.tv_sec = 10, .tv_usec = 0};
  redisSetTimeout(context.get(), timeout);
  return context;
}

template <typename... Args>
Reply Call(const Context& context, const char* format, Args... args) {
  Reply reply(static_cast<redisReply*>(redisCommand(context.get(), format, args...)));
  REQUIRE(reply != nullptr);
  return reply;
}

std::string Text(const Reply& reply) {
  return {reply->str, reply->len};
}

TEST_CASE("hiredis reads each kind of reply") {
  Server server;
  const Context context = Connect(server);
  const Reply status = Call(context, "SET %s %b", "k", "a\0b", size_t{3});
  CHECK(status->type == REDIS_REPLY_STATUS);
  CHECK(Text(status) == "OK");
  const Reply bulk = Call(context, "GET k");
  CHECK(bulk->type == REDIS_REPLY_STRING);
  CHECK(Text(bulk) == std::string("a\0b", 3));
  CHECK(Call(context, "GET nothing")->type == REDIS_REPLY_NIL);
  const Reply integer = Call(context, "INCRBY n %d", 41);
  CHECK(integer->type == REDIS_REPLY_INTEGER);
  CHECK(integer->integer == 41);
  const Reply array = Call(context, "MGET k n nothing");
  REQUIRE(array->type == REDIS_REPLY_ARRAY);
  REQUIRE(array->elements == 3);
  CHECK(array->element[2]->type == REDIS_REPLY_NIL);
  const Reply error = Call(context, "INCR k");
  CHECK(error->type == REDIS_REPLY_ERROR);
  CHECK(Text(error) == "ERR value is not an integer or out of range");
}

TEST_CASE("hiredis sends a hundred thousand commands before it reads") {
  Server server;
  const Context context = Connect(server);
  constexpr int kCommands = 100'000;
  for (int i = 0; i < kCommands; ++i)
    REQUIRE(redisAppendCommand(context.get(), "INCR n") == REDIS_OK);
  for (int i = 1; i <= kCommands; ++i) {
    void* raw = nullptr;
    REQUIRE(redisGetReply(context.get(), &raw) == REDIS_OK);
    const Reply reply(static_cast<redisReply*>(raw));
    REQUIRE(reply->integer == i);
  }
}

TEST_CASE("hiredis connects over a unix socket and again after a loss") {
  Server server({"--unixsocket", "server.sock"});
  const std::string path = server.process().directory() + "/server.sock";
  const Context context(redisConnectUnix(path.c_str()));
  REQUIRE(context->err == 0);
  CHECK(Text(Call(context, "PING")) == "PONG");
  const Reply id = Call(context, "CLIENT ID");
  Connection killer = server.Client();
  CHECK(killer.Do("CLIENT KILL ID " + std::to_string(id->integer)).IsInteger(1));
  CHECK(redisCommand(context.get(), "PING") == nullptr);
  CHECK(redisReconnect(context.get()) == REDIS_OK);
  CHECK(Text(Call(context, "PING")) == "PONG");
}

TEST_CASE("hiredis carries keys and values of megabytes") {
  Server server;
  const Context context = Connect(server);
  const std::string value(8 << 20, 'v');
  CHECK(Text(Call(context, "SET big %b", value.data(), value.size())) == "OK");
  CHECK(Text(Call(context, "GET big")) == value);
}

TEST_CASE("hiredis runs transactions") {
  Server server;
  const Context context = Connect(server);
  CHECK(Text(Call(context, "MULTI")) == "OK");
  CHECK(Text(Call(context, "SET k v")) == "QUEUED");
  CHECK(Text(Call(context, "GET k")) == "QUEUED");
  const Reply replies = Call(context, "EXEC");
  REQUIRE(replies->elements == 2);
  CHECK(std::string(replies->element[1]->str) == "v");
}

}  // namespace
}  // namespace torc::testing
