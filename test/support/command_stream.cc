#include "support/command_stream.h"

namespace torc {

std::vector<std::string> CommandStream::Next() {
  switch (rng_.Below(25)) {
    case 0:
      return {"SET", Key(), Value(), "EX", Number(1, 100)};
    case 1:
      return {"SET", Key(), Value(), "PX", Number(1, 50), "NX"};
    case 2:
      return {"SET", Key(), Value(), "KEEPTTL", "GET"};
    case 3:
      return {"GETEX", Key(), "PX", Number(1, 1000)};
    case 4:
      return {"GETDEL", Key()};
    case 5:
      return {"APPEND", Key(), Value()};
    case 6:
      return {"SETRANGE", Key(), Number(0, 3000), Value()};
    case 7:
      return {"INCRBY", Key(), Number(-50, 50)};
    case 8:
      return {"INCRBYFLOAT", Key(), Number(-50, 50) + ".25"};
    case 9:
      return {"MSET", Key(), Value(), Key(), Value()};
    case 10:
      return {"MSETNX", Key(), Value(), Key(), Value()};
    case 11:
      return {"MSETEX", "2", Key(), Value(), Key(), Value(), "EX", Number(1, 9)};
    case 12:
      return {"SETBIT", Key(), Number(0, 10000), Number(0, 1)};
    case 13:
      return {"BITFIELD", Key(), "OVERFLOW", "FAIL", "INCRBY", "u7", Number(0, 900), "99"};
    case 14:
      return {"BITOP", "XOR", Key(), Key(), Key()};
    case 15:
      return {"DEL", Key(), Key()};
    case 16:
      return {"RENAME", Key(), Key()};
    case 17:
      return {"COPY", Key(), Key(), "DB", Number(0, 2), "REPLACE"};
    case 18:
      return {"MOVE", Key(), Number(0, 2)};
    case 19:
      return {"EXPIRE", Key(), Number(-2, 20), "LT"};
    case 20:
      return {"PEXPIREAT", Key(), "99999999999999"};
    case 21:
      return {"PERSIST", Key()};
    case 22:
      return {"SET", Key(), Value(), rng_.Below(2) == 0 ? "IFEQ" : "IFNE", Value()};
    case 23:
      return {"DELEX", Key(), rng_.Below(2) == 0 ? "IFEQ" : "IFNE", Value()};
    default:
      return {"SET", Key(), Value()};
  }
}

std::string CommandStream::Value() {
  switch (rng_.Below(5)) {
    case 0:
      return Number(-1000, 1000);
    case 1:
      return std::string(rng_.Below(1500), 'b');
    case 2:
      return "";
    default:
      return "v" + Number(0, 3);
  }
}

}  // namespace torc
