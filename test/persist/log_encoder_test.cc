#include "persist/log_encoder.h"

#include <doctest/doctest.h>

#include <string>

#include "persist/log_support.h"

namespace torc {
namespace {

std::string Text(const LogBatch& batch) {
  return std::string(batch.bytes.view());
}

TEST_CASE("a command is logged as a client would send it") {
  CHECK(Text(MakeBatch({"SET key value"})) == "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n");
  CHECK(Text(MakeBatch({"SET key "})) == "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$0\r\n\r\n");
}

TEST_CASE("a batch knows its first and last database and selects only between them") {
  LogBatch batch;
  LogEncoder encoder;
  encoder.SetTarget(&batch);
  encoder.SetNow(UnixMs(5000));
  Emit(encoder, "PING", 3);
  encoder.OnUnitEnd(1);
  Emit(encoder, "PING", 11);
  encoder.OnUnitEnd(2);
  CHECK(batch.first_db == DbIndex(3));
  CHECK(batch.last_db == DbIndex(11));
  CHECK(batch.unix_ms == 5000);
  CHECK(Text(batch) ==
        "*1\r\n$4\r\nPING\r\n*2\r\n$6\r\nSELECT\r\n$2\r\n11\r\n*1\r\n$4\r\nPING\r\n");
}

TEST_CASE(
    "a unit of several effects stands between MULTI and EXEC, one of a single effect does not") {
  LogBatch batch;
  LogEncoder encoder;
  encoder.SetTarget(&batch);
  Emit(encoder, "A");
  encoder.OnUnitEnd(1);
  Emit(encoder, "B");
  Emit(encoder, "C");
  Emit(encoder, "D", 1);
  encoder.OnUnitEnd(2);
  Emit(encoder, "E", 1);
  encoder.OnUnitEnd(3);
  CHECK(Text(batch) ==
        "*1\r\n$1\r\nA\r\n*1\r\n$5\r\nMULTI\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nC\r\n"
        "*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n*1\r\n$1\r\nD\r\n*1\r\n$4\r\nEXEC\r\n*1\r\n$1\r\nE\r\n");
}

TEST_CASE("a mere event leaves no trace") {
  LogBatch batch;
  LogEncoder encoder;
  encoder.SetTarget(&batch);
  encoder.OnEffect({.db = DbIndex(0), .args = {}, .events = {}});
  encoder.OnUnitEnd(1);
  CHECK(batch.empty());
}

}  // namespace
}  // namespace torc
