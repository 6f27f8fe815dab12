#include "engine/exchange.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torc {
namespace {

// Answers each request with its arguments, until it is told to stop.
class Echo final : public Exchange::Handler {
 public:
  bool Serve(Parcel& parcel) override {
    for (; parcel.served < parcel.requests.size(); ++parcel.served) {
      if (serve_at_most == 0) return false;
      --serve_at_most;
      Parcel::Request& request = parcel.requests[parcel.served];
      for (const std::string_view arg : parcel.Args(request, &views_)) parcel.replies.Append(arg);
      request.reply_end = parcel.replies.size();
    }
    return true;
  }
  void Deliver(Parcel& parcel) override {
    for (size_t i = 0; i < parcel.requests.size(); ++i) replies.emplace_back(parcel.Reply(i));
  }

  size_t serve_at_most = SIZE_MAX;
  std::vector<std::string> replies;

 private:
  std::vector<std::string_view> views_;
};

struct Pair {
  Pair() : world(2, false, [](size_t) {}), all(2) {
    for (size_t i = 0; i < 2; ++i) {
      exchanges.push_back(std::make_unique<Exchange>(i, &world, &all));
      all[i] = exchanges.back().get();
    }
  }
  void Add(size_t from, std::string_view text) {
    const std::vector<std::string_view> argv = {"echo", text};
    exchanges[from]->Add(1 - from, argv);
  }
  World world;
  std::vector<Exchange*> all;
  std::vector<std::unique_ptr<Exchange>> exchanges;
};

TEST_CASE("requests of a turn travel as one parcel, and come back in order") {
  Pair pair;
  Echo handler;
  for (int i = 0; i < 5; ++i) pair.Add(0, std::to_string(i));
  CHECK(pair.exchanges[1]->idle());
  pair.exchanges[0]->Flush(0);
  CHECK_FALSE(pair.exchanges[1]->idle());
  CHECK(pair.exchanges[0]->figures().parcels_sent == 1);
  CHECK(pair.exchanges[1]->Receive(handler));
  pair.exchanges[1]->Flush(0);
  CHECK(pair.exchanges[0]->Receive(handler));
  CHECK(handler.replies == std::vector<std::string>{"echo0", "echo1", "echo2", "echo3", "echo4"});
}

TEST_CASE("a shard that stands still takes a bounded number of requests") {
  Pair pair;
  size_t sent = 0;
  while (pair.exchanges[0]->HasRoom(1)) {
    pair.Add(0, "x");
    ++sent;
    REQUIRE(sent < 1000000);
  }
  CHECK(sent == (Exchange::kUnderWayMax + 1) * Exchange::kRequestsMax);
  pair.exchanges[0]->Flush(0);
  CHECK_FALSE(pair.exchanges[0]->HasRoom(1));
  // It moves again: there is room, and nothing was lost.
  Echo handler;
  while (handler.replies.size() < sent) {
    pair.exchanges[1]->Receive(handler);
    pair.exchanges[1]->Flush(0);
    pair.exchanges[0]->Receive(handler);
    pair.exchanges[0]->Flush(0);
  }
  CHECK(pair.exchanges[0]->HasRoom(1));
}

TEST_CASE("a request that is taken out of its parcel is answered by one of its own, later") {
  Pair pair;
  for (const char* text : {"1", "2", "3"}) pair.Add(0, text);
  pair.exchanges[0]->Flush(0);
  class Takes final : public Exchange::Handler {
   public:
    explicit Takes(Exchange* exchange) : exchange_(exchange) {}
    bool Serve(Parcel& parcel) override {
      late = exchange_->TakeOut(parcel, 1);
      parcel.served = parcel.requests.size();
      return true;
    }
    void Deliver(Parcel& /*parcel*/) override {}
    std::unique_ptr<Parcel> late;

   private:
    Exchange* exchange_;
  } takes(pair.exchanges[1].get());
  pair.exchanges[1]->Receive(takes);
  pair.exchanges[1]->Flush(0);
  struct Sees final : public Exchange::Handler {
    bool Serve(Parcel& /*parcel*/) override { return true; }
    void Deliver(Parcel& parcel) override {
      for (const Parcel::Request& request : parcel.requests) late.push_back(request.late);
      of_late_parcel.push_back(parcel.late);
    }
    std::vector<bool> late;
    std::vector<bool> of_late_parcel;
  } sees;
  pair.exchanges[0]->Receive(sees);
  CHECK(sees.late == std::vector<bool>{false, true, false});
  std::vector<std::string_view> views;
  REQUIRE(takes.late != nullptr);
  CHECK(takes.late->Args(takes.late->requests[0], &views)[1] == "2");
  pair.exchanges[1]->SendLate(std::move(takes.late));
  pair.exchanges[1]->Flush(0);
  pair.exchanges[0]->Receive(sees);
  CHECK(sees.of_late_parcel == std::vector<bool>{false, true});
  // It is not counted among those under way: all of the room is there again.
  size_t sent = 0;
  for (; pair.exchanges[0]->HasRoom(1); ++sent) pair.Add(0, "x");
  CHECK(sent == (Exchange::kUnderWayMax + 1) * Exchange::kRequestsMax);
}

TEST_CASE("large requests fill a parcel by their bytes") {
  Pair pair;
  const std::string large(Exchange::kBytesMax, 'x');
  size_t sent = 0;
  for (; pair.exchanges[0]->HasRoom(1); ++sent) pair.Add(0, large);
  CHECK(sent == Exchange::kUnderWayMax + 1);
}

TEST_CASE("a parcel that must wait keeps those behind it waiting") {
  Pair pair;
  Echo handler;
  handler.serve_at_most = 1;
  for (const char* text : {"1", "2"}) pair.Add(0, text);
  pair.exchanges[0]->Flush(0);
  pair.Add(0, "3");
  pair.exchanges[0]->Flush(0);
  pair.exchanges[1]->Receive(handler);
  pair.exchanges[1]->Flush(0);
  pair.exchanges[0]->Receive(handler);
  CHECK(handler.replies.empty());
  handler.serve_at_most = SIZE_MAX;
  pair.exchanges[1]->Receive(handler);
  pair.exchanges[1]->Flush(0);
  pair.exchanges[0]->Receive(handler);
  CHECK(handler.replies == std::vector<std::string>{"echo1", "echo2", "echo3"});
}

TEST_CASE("replies are told once the log is durable up to what they show") {
  Pair pair;
  Echo handler;
  pair.Add(0, "x");
  pair.exchanges[0]->Flush(0);
  pair.exchanges[1]->set_log_position(7);
  pair.exchanges[1]->Receive(handler);
  pair.exchanges[1]->Flush(6);
  CHECK(pair.exchanges[1]->holds_replies());
  CHECK(pair.exchanges[0]->idle());
  pair.exchanges[1]->Flush(7);
  CHECK_FALSE(pair.exchanges[1]->holds_replies());
  CHECK(pair.exchanges[0]->Receive(handler));
}

TEST_CASE("a notice runs at the other shard, behind the requests before it") {
  Pair pair;
  Echo handler;
  int seen = 0;
  pair.Add(0, "x");
  pair.exchanges[0]->Notify(1, [&seen] { ++seen; });
  pair.exchanges[0]->Flush(0);
  CHECK(seen == 0);
  pair.exchanges[1]->Receive(handler);
  CHECK(seen == 1);
}

TEST_CASE("notices of several shards run in the order in which they were sent") {
  World world(3, false, [](size_t) {});
  std::vector<Exchange*> all(3);
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (size_t i = 0; i < 3; ++i) {
    exchanges.push_back(std::make_unique<Exchange>(i, &world, &all));
    all[i] = exchanges.back().get();
  }
  Echo handler;
  std::string seen;
  const auto tell = [&](size_t from, char what) {
    exchanges[from]->Notify(0, [&seen, what] { seen += what; });
    exchanges[from]->SendNotices();
  };
  tell(2, 'a');
  tell(1, 'b');
  tell(2, 'c');
  tell(1, 'd');
  CHECK(exchanges[0]->Receive(handler));
  CHECK(seen == "abcd");
  CHECK_FALSE(exchanges[0]->Receive(handler));
}

}  // namespace
}  // namespace torc
