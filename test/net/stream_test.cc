// Streams over loopback: what arrives, what is written when the peer reads, and when it does not,
// and the ways a connection ends.
#include "net/stream.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/net_support.h"

namespace torc {
namespace {

TEST_CASE("small requests of many clients are read in one turn and packed side by side") {
  Acceptor server;
  constexpr size_t kClients = 20;
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<Recorder> recorders(kClients);
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Client>(server.listener.port()));
    server.Serve(*clients[i], &recorders[i]);
  }
  for (auto& client : clients) REQUIRE(client->Send("PING\r\n"));
  size_t read = 0;
  for (int turn = 0; turn < 1000 && read < kClients; ++turn) {
    server.loop->RunOnce(EventLoop::Wait::kForEvent);
    read = 0;
    for (const auto& recorder : recorders) read += recorder.input.empty() ? 0U : 1U;
  }
  REQUIRE(read == kClients);
  const char* lowest = recorders[0].input.bytes().data();
  const char* highest = lowest;
  for (const auto& recorder : recorders) {
    CHECK(recorder.input.bytes() == "PING\r\n");
    CHECK(recorder.input.allocated_bytes() == 0);
    lowest = std::min(lowest, recorder.input.bytes().data());
    highest = std::max(highest, recorder.input.bytes().data());
  }
  CHECK(highest - lowest == (kClients - 1) * 64);
}

TEST_CASE("an unfinished request is kept and completed in place") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  REQUIRE(client.Send("first half,"));
  REQUIRE(RunUntil(server.loop.get(), [&] {
    recorder.input.Settle();
    return recorder.reads == 1;
  }));
  CHECK(recorder.input.allocated_bytes() > 0);
  REQUIRE(client.Send(" second half"));
  REQUIRE(RunUntil(server.loop.get(), [&] { return recorder.reads == 2; }));
  CHECK(recorder.input.bytes() == "first half, second half");
  recorder.input.Consume(recorder.input.bytes().size());
  recorder.input.Settle();
  CHECK(recorder.input.allocated_bytes() == 0);
}

TEST_CASE("a large value is read straight into the owner's buffer") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  const std::string value(8'000'000, 'v');
  size_t sent = 0;
  REQUIRE(RunUntil(server.loop.get(), [&] {
    if (sent < value.size()) {
      const size_t size_bytes = std::min<size_t>(100'000, value.size() - sent);
      REQUIRE(client.Send(std::string_view(value).substr(sent, size_bytes)));
      sent += size_bytes;
    }
    recorder.input.Settle();
    recorder.wanted_bytes = value.size() - recorder.input.bytes().size();
    return recorder.wanted_bytes == 0;
  }));
  CHECK(recorder.input.bytes() == value);
  CHECK(recorder.input.allocated_bytes() < 2 * value.size());
}

TEST_CASE("pieces are written in order with one call") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  std::vector<std::string_view> pieces(40, "ab");
  pieces[7] = "";
  const auto result = recorder.stream.TryWrite(pieces);
  CHECK(result.outcome == Stream::WriteOutcome::kDone);
  CHECK(result.written_bytes == 78);
  CHECK(recorder.stream.TryWrite("c").written_bytes == 1);
  std::string expected;
  for (int i = 0; i < 39; ++i) expected += "ab";
  CHECK(client.Receive(79) == expected + "c");
}

TEST_CASE("what a slow reader leaves is taken over and delivered whole") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  std::string sent;
  for (int i = 0; i < 2'000'000; ++i) sent += static_cast<char>('a' + i % 26);
  size_t written = 0;
  Stream::WriteResult result{0, Stream::WriteOutcome::kDone};
  std::string expected;
  while (result.outcome == Stream::WriteOutcome::kDone && expected.size() < 200'000'000) {
    result = recorder.stream.TryWrite(sent);
    written = result.written_bytes;
    expected += sent;
  }
  REQUIRE(result.outcome == Stream::WriteOutcome::kBlocked);
  Buffer rest;
  rest.Append(std::string_view(sent).substr(written));
  // More than any socket buffers hold, so that the kernel cannot swallow it all at once.
  for (int i = 0; i < 16; ++i) {
    rest.Append(sent);
    expected += sent;
  }
  const size_t rest_bytes = rest.size();
  REQUIRE(rest_bytes > 0);
  recorder.stream.WriteLater(std::move(rest));
  CHECK(recorder.stream.pending_bytes() > 0);
  CHECK(recorder.stream.pending_bytes() <= rest_bytes);
  const auto meanwhile = recorder.stream.TryWrite("x");
  CHECK(meanwhile.outcome == Stream::WriteOutcome::kBlocked);
  CHECK(meanwhile.written_bytes == 0);
  CHECK(recorder.writables == 0);
  std::string received;
  REQUIRE(RunUntil(server.loop.get(), [&] {
    if (received.size() < expected.size()) {
      received += client.Receive(std::min<size_t>(200'000, expected.size() - received.size()));
    }
    // The loop must not wait once everything was delivered.
    server.loop->Wake();
    return recorder.writables == 1 && received.size() == expected.size();
  }));
  CHECK(received == expected);
  CHECK(recorder.stream.pending_bytes() == 0);
}

TEST_CASE("an orderly end is told once, after what was read") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  REQUIRE(client.Send("last words"));
  client.ShutDownSending();
  REQUIRE(RunUntil(server.loop.get(), [&] {
    recorder.input.Settle();
    return recorder.ends == 1;
  }));
  CHECK(recorder.end_error.empty());
  CHECK(recorder.input.bytes() == "last words");
  // The other direction still works.
  CHECK(recorder.stream.TryWrite("bye").outcome == Stream::WriteOutcome::kDone);
  CHECK(client.Receive(3) == "bye");
  recorder.stream.StartReading();
  CHECK_FALSE(recorder.stream.reading());
  recorder.stream.Close();
  recorder.stream.Close();
  CHECK_FALSE(recorder.stream.open());
  CHECK(client.AtEnd());
  CHECK(recorder.ends == 1);
}

TEST_CASE("a reset is an end with the system's words, and writing finds it broken") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  client.Reset();
  REQUIRE(RunUntil(server.loop.get(), [&] { return recorder.ends == 1; }));
  CHECK(recorder.end_error == "connection reset by peer");
  CHECK(recorder.stream.TryWrite("x").outcome == Stream::WriteOutcome::kBroken);
  Buffer late;
  late.Append("y");
  recorder.stream.WriteLater(std::move(late));
  CHECK(recorder.ends == 1);
}

TEST_CASE("a stream may be destroyed within its own callback, with a write under way") {
  Acceptor server;
  Client client(server.listener.port());
  auto recorder = std::make_unique<Recorder>();
  server.Serve(client, recorder.get());
  Buffer large;
  for (int i = 0; i < 300; ++i) large.Append(std::string(100'000, 'x'));
  recorder->stream.WriteLater(std::move(large));
  recorder->on_read = [&recorder] { recorder.reset(); };
  REQUIRE(client.Send("go"));
  REQUIRE(RunUntil(server.loop.get(), [&] { return recorder == nullptr; }));
}

TEST_CASE("a paused stream leaves the bytes in the kernel") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  recorder.stream.PauseReading();
  CHECK_FALSE(recorder.stream.reading());
  REQUIRE(client.Send("later"));
  for (int i = 0; i < 10; ++i) server.loop->RunOnce(EventLoop::Wait::kDontWait);
  CHECK(recorder.reads == 0);
  recorder.stream.StartReading();
  REQUIRE(RunUntil(server.loop.get(), [&] { return recorder.reads == 1; }));
}

TEST_CASE("one busy client cannot keep a turn to itself") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  REQUIRE(client.Send(std::string(150'000, 'x')));
  size_t total = 0;
  REQUIRE(RunUntil(server.loop.get(), [&] {
    const size_t turn_bytes = recorder.input.bytes().size();
    CHECK(turn_bytes <= 64 * 1024);
    total += turn_bytes;
    recorder.input.Consume(turn_bytes);
    recorder.input.Settle();
    return total == 150'000;
  }));
  CHECK(recorder.reads >= 3);
}

TEST_CASE("addresses read as in CLIENT LIST") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  sockaddr_in own{};
  socklen_t size_bytes = sizeof(own);
  getsockname(client.fd(), reinterpret_cast<sockaddr*>(&own), &size_bytes);
  CHECK(recorder.stream.PeerAddress() == "127.0.0.1:" + std::to_string(ntohs(own.sin_port)));
  CHECK(recorder.stream.LocalAddress() == "127.0.0.1:" + std::to_string(server.listener.port()));
  CHECK(recorder.stream.peer_is_local());
  CHECK_FALSE(recorder.stream.is_unix());
  CHECK(recorder.stream.descriptor() >= 0);
  CHECK(Stream().descriptor() == -1);
  CHECK(Stream().PeerAddress() == "?:0");
}

TEST_CASE("socket options reach the socket") {
  Acceptor server;
  Client client(server.listener.port());
  Recorder recorder;
  server.Serve(client, &recorder);
  recorder.stream.SetNoDelay();
  recorder.stream.SetKeepAlive(123);
  int value = 0;
  socklen_t size_bytes = sizeof(value);
  getsockopt(recorder.stream.descriptor(), IPPROTO_TCP, 4 /* TCP_KEEPIDLE */, &value, &size_bytes);
  CHECK(value == 123);
  getsockopt(recorder.stream.descriptor(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &value, &size_bytes);
  CHECK(value == 1);
  recorder.stream.SetKeepAlive(0);
  getsockopt(recorder.stream.descriptor(), SOL_SOCKET, SO_KEEPALIVE, &value, &size_bytes);
  CHECK(value == 0);
}

TEST_CASE("an open socket can be adopted") {
  auto loop = std::move(EventLoop::Create()).value();
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  Recorder recorder;
  recorder.Start(Stream::Adopt(loop.get(), pair[0]));
  CHECK(recorder.stream.is_unix());
  CHECK(recorder.stream.PeerAddress() == "?:0");
  REQUIRE(send(pair[1], "hi", 2, 0) == 2);
  REQUIRE(RunUntil(loop.get(), [&] { return recorder.reads == 1; }));
  close(pair[1]);
  CHECK_FALSE(Stream::Adopt(loop.get(), 1'000'000).open());
  recorder.stream.Close();
}

TEST_CASE("an idle stream is small") {
  CHECK(Stream::allocated_bytes() <= 384);
}

}  // namespace
}  // namespace torc
