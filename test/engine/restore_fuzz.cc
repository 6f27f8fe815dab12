// Any bytes as a DUMP payload's value, with a checksum that fits: RESTORE takes it or refuses it,
// and what it took is the same after another DUMP and RESTORE.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/crc.h"
#include "support/fake_clock.h"
#include "support/test_shard.h"

namespace {

std::string Run(torc::Shard& shard, torc::Session& session,
                std::initializer_list<std::string_view> words) {
  const std::vector<std::string_view> argv(words);
  shard.Execute(session, argv);
  torc::Buffer& out = session.replies.bytes();
  std::string reply(out.view());
  session.replies.Consume(out.size());
  return reply;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  torc::FakeClock clock;
  torc::TestShard shard({}, &clock);
  torc::Session session;
  shard.shard().Welcome(session, torc::ClientId(1));
  std::string payload(reinterpret_cast<const char*>(data), size_bytes);
  torc::ByteWriter writer(&payload);
  writer.U16(10);
  writer.U64(torc::Crc64(0, payload));
  if (Run(shard.shard(), session, {"RESTORE", "key", "0", payload}) != "+OK\r\n") return 0;
  const uint64_t digest = shard.shard().keyspace().Digest();
  const std::string dumped = Run(shard.shard(), session, {"DUMP", "key"});
  const size_t from = dumped.find('\n') + 1;
  const std::string_view again(dumped.data() + from, dumped.size() - from - 2);
  const std::string restored =
      Run(shard.shard(), session, {"RESTORE", "key", "0", again, "REPLACE"});
  TORC_CHECK(restored == "+OK\r\n", "what was dumped can be restored");
  TORC_CHECK(shard.shard().keyspace().Digest() == digest, "and is the same");
  return 0;
}
