// The request parser and the reply writer: time per command, per reply.
//
//   build/bench/utils/bench/micro/micro_resp_bench
//
// Each iteration handles one buffer as a turn brings it; items are commands or replies.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/check.h"
#include "resp/reply_writer.h"
#include "resp/request_parser.h"

namespace torc {
namespace {

std::string Request(const std::vector<std::string>& words) {
  std::string wire = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) {
    wire += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return wire;
}

std::string Repeated(const std::string& request, int64_t times) {
  std::string wire;
  for (int64_t i = 0; i < times; ++i) wire += request;
  return wire;
}

size_t ParseAll(RequestParser* parser, std::string_view input, RequestBatch* batch) {
  size_t consumed = 0;
  parser->Take(input, 1000, {}, batch, &consumed);
  return consumed;
}

void ParseBuffer(benchmark::State& state, const std::string& request) {
  const std::string input = Repeated(request, state.range(0));
  RequestParser parser;
  RequestBatch batch;
  for (auto _ : state) {
    batch.Clear();
    TORC_CHECK(ParseAll(&parser, input, &batch) == input.size(), "the whole buffer is parsed");
    benchmark::DoNotOptimize(batch.args.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(input.size()));
}

void BM_ParseGet(benchmark::State& state) {
  ParseBuffer(state, Request({"GET", "key:000000012345"}));
}
BENCHMARK(BM_ParseGet)->Arg(1)->Arg(16)->Arg(64);

void BM_ParseSet(benchmark::State& state) {
  ParseBuffer(state, Request({"SET", "key:000000012345", std::string(64, 'v')}));
}
BENCHMARK(BM_ParseSet)->Arg(1)->Arg(16)->Arg(64);

void BM_ParseMset10(benchmark::State& state) {
  std::vector<std::string> words = {"MSET"};
  for (int i = 0; i < 10; ++i) {
    words.push_back("key:000000012345");
    words.emplace_back(64, 'v');
  }
  ParseBuffer(state, Request(words));
}
BENCHMARK(BM_ParseMset10)->Arg(16);

void BM_ParseInline(benchmark::State& state) {
  ParseBuffer(state, "GET key:000000012345\r\n");
}
BENCHMARK(BM_ParseInline)->Arg(16);

// A request that arrives in two pieces: skimmed, then read again.
void BM_ParseSplit(benchmark::State& state) {
  const std::string input = Request({"SET", "key:000000012345", std::string(64, 'v')});
  RequestParser parser;
  RequestBatch batch;
  for (auto _ : state) {
    batch.Clear();
    ParseAll(&parser, std::string_view(input).substr(0, 50), &batch);
    ParseAll(&parser, input, &batch);
    benchmark::DoNotOptimize(batch.args.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ParseSplit);

// Writes `state.range(0)` replies into one buffer that is kept, as a connection under load keeps
// it.
template <typename Write>
void WriteReplies(benchmark::State& state, Write write) {
  Buffer out;
  for (auto _ : state) {
    out.Clear();
    ReplyWriter writer(&out, 2);
    for (int64_t i = 0; i < state.range(0); ++i) write(writer, i);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_WriteOk(benchmark::State& state) {
  WriteReplies(state, [](ReplyWriter& writer, int64_t /*i*/) { writer.Ok(); });
}
BENCHMARK(BM_WriteOk)->Arg(16);

void BM_WriteBulk64(benchmark::State& state) {
  const std::string value(64, 'v');
  WriteReplies(state, [&](ReplyWriter& writer, int64_t /*i*/) { writer.Bulk(value); });
}
BENCHMARK(BM_WriteBulk64)->Arg(16);

void BM_WriteInteger(benchmark::State& state) {
  WriteReplies(state, [](ReplyWriter& writer, int64_t i) { writer.Integer(i * 12345); });
}
BENCHMARK(BM_WriteInteger)->Arg(16);

void BM_WriteNull(benchmark::State& state) {
  WriteReplies(state, [](ReplyWriter& writer, int64_t /*i*/) { writer.Null(); });
}
BENCHMARK(BM_WriteNull)->Arg(16);

void BM_WriteDouble(benchmark::State& state) {
  WriteReplies(state,
               [](ReplyWriter& writer, int64_t i) { writer.Double(static_cast<double>(i) / 7); });
}
BENCHMARK(BM_WriteDouble)->Arg(16);

void BM_WriteArrayLater(benchmark::State& state) {
  WriteReplies(state, [](ReplyWriter& writer, int64_t /*i*/) {
    const size_t mark = writer.ArrayLater();
    for (int i = 0; i < 20; ++i) writer.Integer(i);
    writer.CloseArray(mark, 20);
  });
}
BENCHMARK(BM_WriteArrayLater)->Arg(16);

}  // namespace
}  // namespace torc

BENCHMARK_MAIN();
