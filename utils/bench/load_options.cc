#include "load_options.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace torc::bench {
namespace {

constexpr const char* kUsage = R"(usage: load [options]
  --host ADDR --port N | --unix PATH   the server (127.0.0.1:6379)
  --connections N                      (50)
  --pipeline N                         requests per batch (1)
  --requests N | --seconds S           how long (5 s)
  --rate N                             open loop: N requests offered per second, latency from the intended time
  --warmup S                           seconds without recorded latencies (0)
  --mix NAME=WEIGHT,...                of GET, SET, INCR, MSET (ten keys), EVAL (a GET), PING (GET=1)
  --command 'SET __key__ __value__'    a command of your own; __ctr__ is a key for numbers, __number__ one; repeatable
  --keys N --first-key N               key numbers 0 … N-1 (1000000)
  --order random|sequential            (random); sequential fills
  --value-size BYTES                   (64)
  --seed N                             (1)
  --probe-pid PID --probe-interval-us N   PING on its own connection; CPU time of PID between two answers
  --io auto|calls|ring                 how sockets are read and written (auto: io_uring where it may)
  --allow-errors                       error replies do not fail the run
prints one line of JSON
)";

std::string BuiltIn(std::string_view name) {
  if (name == "GET") return "GET __key__";
  if (name == "SET") return "SET __key__ __value__";
  if (name == "INCR") return "INCR __ctr__";
  if (name == "PING") return "PING";
  if (name == "EVAL") return "EVAL return(redis.call('GET',KEYS[1])) 1 __key__";
  if (name != "MSET") return "";
  std::string line = "MSET";
  for (int i = 0; i < 10; ++i) line += " __key__ __value__";
  return line;
}

bool ParseMix(std::string_view text, std::vector<WeightedTemplate>& mix) {
  for (const std::string_view part : Split(text, ',')) {
    const auto words = Split(part, '=');
    const auto weight = words.size() == 2 ? ParseUint64(words[1]) : std::optional<uint64_t>(1);
    const std::string line = BuiltIn(words[0]);
    if (line.empty() || !weight || *weight == 0 || *weight > 1000) return false;
    mix.push_back({.line = line, .weight = static_cast<unsigned>(*weight)});
  }
  return true;
}

template <typename Number>
bool ParseCount(std::string_view text, Number& into) {
  const auto number = ParseUint64(text);
  if (!number || !std::in_range<Number>(*number)) return false;
  into = static_cast<Number>(*number);
  return true;
}

bool ParseSeconds(std::string_view text, double& into) {
  const auto number = ParseDouble(text);
  if (!number || *number < 0) return false;
  into = *number;
  return true;
}

bool ParseOrder(std::string_view text, KeyOrder& into) {
  if (text != "random" && text != "sequential") return false;
  into = text == "random" ? KeyOrder::kRandom : KeyOrder::kSequential;
  return true;
}

bool ParseIo(std::string_view text, SocketIo& into) {
  into = text == "ring"    ? SocketIo::kRing
         : text == "calls" ? SocketIo::kSystemCalls
                           : SocketIo::kAuto;
  return text == "ring" || text == "calls" || text == "auto";
}

bool ParseOne(std::string_view name, std::string_view value, LoadOptions& options) {
  RequestPoolOptions& pool = options.pool;
  if (name == "--host") return options.address.host = value, true;
  if (name == "--unix") return options.address.unix_path = value, true;
  if (name == "--port") return ParseCount(value, options.address.port);
  if (name == "--connections") return ParseCount(value, options.connections);
  if (name == "--pipeline") return ParseCount(value, options.pipeline);
  if (name == "--requests") return ParseCount(value, options.requests);
  if (name == "--seconds") return ParseSeconds(value, options.seconds);
  if (name == "--rate") return ParseSeconds(value, options.rate_per_s);
  if (name == "--warmup") return ParseSeconds(value, options.warmup_s);
  if (name == "--mix") return ParseMix(value, pool.mix);
  if (name == "--command") return pool.mix.push_back({.line = std::string(value)}), !value.empty();
  if (name == "--keys") return ParseCount(value, pool.key_count);
  if (name == "--first-key") return ParseCount(value, pool.first_key);
  if (name == "--order") return ParseOrder(value, pool.order);
  if (name == "--io") return ParseIo(value, options.io);
  if (name == "--value-size") return ParseCount(value, pool.value_bytes);
  if (name == "--seed") return ParseCount(value, pool.seed);
  if (name == "--probe-pid") return ParseCount(value, options.probe_pid);
  if (name == "--probe-interval-us") return ParseCount(value, options.probe_interval_us);
  return false;
}

bool Sensible(const LoadOptions& options) {
  return options.connections > 0 && options.pipeline > 0 && options.pipeline <= 100'000 &&
         options.pool.key_count > 0 && options.pool.key_count <= 1'000'000'000'000 &&
         options.pool.first_key < options.pool.key_count && options.probe_interval_us > 0;
}

}  // namespace

std::optional<LoadOptions> ParseLoadOptions(int argc, char** argv) {
  LoadOptions options;
  options.pool.key_count = 1'000'000;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--help") {
      printf("%s", kUsage);
      exit(0);
    }
    if (name == "--allow-errors") {
      options.errors_allowed = true;
    } else if (i + 1 == argc || !ParseOne(name, argv[i + 1], options)) {
      fprintf(stderr, "wrong or incomplete option: %s\n%s", argv[i], kUsage);
      return std::nullopt;
    } else {
      ++i;
    }
  }
  if (options.pool.mix.empty()) options.pool.mix.push_back({.line = BuiltIn("GET")});
  options.pool.batch_max = options.pipeline;
  if (!Sensible(options)) {
    fprintf(stderr, "a number is out of range\n%s", kUsage);
    return std::nullopt;
  }
  return options;
}

}  // namespace torc::bench
