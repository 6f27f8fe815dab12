// Any bytes as the first line and the key count of a script: judged without harm.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/fake_clock.h"
#include "support/test_shard.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  static torc::FakeClock clock;
  torc::TestShard shard({}, &clock);
  torc::Session session;
  shard.shard().Welcome(session, torc::ClientId(1));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size_bytes);
  const size_t split = bytes.find('|');
  const std::string_view head = bytes.substr(0, split);
  const std::string_view count =
      split == std::string_view::npos ? std::string_view("0") : bytes.substr(split + 1);
  const std::string script = "#!" + std::string(head) + "\nreturn {KEYS,ARGV}";
  for (const char* command : {"EVAL", "EVAL_RO", "EVALSHA", "FCALL"}) {
    const std::vector<std::string_view> argv = {command, script, count, "a", "b"};
    shard.shard().Execute(session, argv);
    session.replies.Consume(session.replies.bytes().size());
  }
  const std::vector<std::string_view> load = {"FUNCTION", "LOAD", script};
  shard.shard().Execute(session, load);
  session.replies.Consume(session.replies.bytes().size());
  shard.shard().Farewell(session);
  return 0;
}
