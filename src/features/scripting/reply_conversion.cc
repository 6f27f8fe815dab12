#include "features/scripting/reply_conversion.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "features/scripting/lua_entry.h"

namespace torc {
namespace {

// Reads the replies that our own commands wrote.
class ReplyReader {
 public:
  ReplyReader(lua_State* lua, std::string_view bytes) : lua_(lua), rest_(bytes) {}

  void Push() {
    const char type = rest_[0];
    const std::string_view line = TakeLine();
    switch (type) {
      case ':':
        return lua_pushnumber(lua_, static_cast<lua_Number>(Number(line)));
      case '$':
        return Number(line) < 0 ? lua_pushboolean(lua_, 0) : PushText(lua_, TakeBytes(line));
      case '+':
        return PushWrapped("ok", line);
      case '-':
        PushWrapped("err", line);
        lua_pushliteral(lua_, "ignore_error_stats_update");
        lua_pushboolean(lua_, 1);
        return lua_rawset(lua_, -3);
      case '*':
      case '>':
        return Number(line) < 0 ? lua_pushboolean(lua_, 0) : PushArray(Number(line));
      case '_':
        return lua_pushnil(lua_);
      case '#':
        return lua_pushboolean(lua_, line == "t");
      default:
        return PushTyped(type, line);
    }
  }

 private:
  // What only RESP3 has.
  void PushTyped(char type, std::string_view line) {
    switch (type) {
      case '%':
        return PushMap(Number(line));
      case '~':
        return PushSet(Number(line));
      case ',':
        lua_createtable(lua_, 0, 1);
        return SetNumberField(lua_, "double", std::strtod(std::string(line).c_str(), nullptr));
      case '(':
        return PushWrapped("big_number", line);
      case '=':
        return PushVerbatim(TakeBytes(line));
      case '|':  // attributes are left out
        for (int64_t i = Number(line) * 2; i > 0; --i) {
          Push();
          lua_pop(lua_, 1);
        }
        return Push();
      default:
        TORC_CHECK(false, "a reply begins with its type");
    }
  }

  static int64_t Number(std::string_view line) { return ParseInt64(line).value_or(0); }
  std::string_view TakeLine() {
    const size_t end = rest_.find('\r');
    const std::string_view line = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 2);
    return line;
  }
  std::string_view TakeBytes(std::string_view length) {
    const auto size_bytes = static_cast<size_t>(Number(length));
    const std::string_view bytes = rest_.substr(0, size_bytes);
    rest_.remove_prefix(size_bytes + 2);
    return bytes;
  }
  void PushWrapped(const char* name, std::string_view text) {
    lua_createtable(lua_, 0, 1);
    SetField(lua_, name, text);
  }
  void PushArray(int64_t count) {
    lua_checkstack(lua_, LUA_MINSTACK);
    lua_createtable(lua_, static_cast<int>(count), 0);
    for (int i = 1; i <= count; ++i) {
      Push();
      lua_rawseti(lua_, -2, i);
    }
  }
  void PushMap(int64_t pairs) {
    lua_checkstack(lua_, LUA_MINSTACK);
    lua_createtable(lua_, 0, 1);
    lua_pushliteral(lua_, "map");
    lua_createtable(lua_, 0, static_cast<int>(pairs));
    for (int64_t i = 0; i < pairs; ++i) {
      Push();
      Push();
      lua_rawset(lua_, -3);
    }
    lua_rawset(lua_, -3);
  }
  void PushSet(int64_t count) {
    lua_checkstack(lua_, LUA_MINSTACK);
    lua_createtable(lua_, 0, 1);
    lua_pushliteral(lua_, "set");
    lua_createtable(lua_, 0, static_cast<int>(count));
    for (int64_t i = 0; i < count; ++i) {
      Push();
      lua_pushboolean(lua_, 1);
      lua_rawset(lua_, -3);
    }
    lua_rawset(lua_, -3);
  }
  void PushVerbatim(std::string_view bytes) {
    lua_createtable(lua_, 0, 1);
    lua_pushliteral(lua_, "verbatim_string");
    lua_createtable(lua_, 0, 2);
    SetField(lua_, "format", bytes.substr(0, 3));
    SetField(lua_, "string", bytes.substr(std::min<size_t>(4, bytes.size())));
    lua_rawset(lua_, -3);
  }

  lua_State* lua_;
  std::string_view rest_;
};

// A C cast, with what it gives on the machines Redis runs on for what no integer can hold.
int64_t Truncated(lua_Number number) {
  constexpr lua_Number kLimit = 9223372036854775808.0;
  if (!(number >= -kLimit && number < kLimit)) return INT64_MIN;
  return static_cast<int64_t>(number);
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return line;
}

// Writes a value as a reply. Nesting is bounded by Lua's stack, as in Redis, and before that by
// ours.
class ValueWriter {
 public:
  ValueWriter(lua_State* lua, ReplyWriter& reply, int script_protocol)
      : lua_(lua), reply_(reply), script_protocol_(script_protocol) {}

  // Pops the stack's top.
  void Write() {
    constexpr int kDepthMax = 3000;
    if (depth_ == kDepthMax || lua_checkstack(lua_, 4) == 0) {
      reply_.Error("ERR reached lua stack limit");
      return lua_pop(lua_, 1);
    }
    ++depth_;
    switch (lua_type(lua_, -1)) {
      case LUA_TSTRING:
        reply_.Bulk(TextAt(lua_, -1));
        break;
      case LUA_TNUMBER:
        reply_.Integer(Truncated(lua_tonumber(lua_, -1)));
        break;
      case LUA_TBOOLEAN:
        WriteBoolean(lua_toboolean(lua_, -1) != 0);
        break;
      case LUA_TTABLE:
        WriteTable();
        break;
      default:
        reply_.Null();
    }
    --depth_;
    lua_pop(lua_, 1);
  }

 private:
  void WriteBoolean(bool value) {
    if (script_protocol_ >= 3) return reply_.Bool(value);
    value ? reply_.Integer(1) : reply_.Null();
  }

  // Each kind of table that stands for something else is known by its one field.
  void WriteTable() {
    if (Has("err", LUA_TSTRING)) return WriteLine(&ReplyWriter::Error);
    if (Has("ok", LUA_TSTRING)) return WriteLine(&ReplyWriter::SimpleString);
    if (Has("double", LUA_TNUMBER)) {
      reply_.Double(lua_tonumber(lua_, -1));
      return lua_pop(lua_, 1);
    }
    if (Has("map", LUA_TTABLE)) return WritePairs(/*with_values=*/true);
    if (Has("set", LUA_TTABLE)) return WritePairs(/*with_values=*/false);
    if (Has("big_number", LUA_TSTRING)) return WriteLine(&ReplyWriter::BigNumber);
    if (WriteVerbatim()) return;
    WriteArray();
  }
  // Leaves the field on the stack if it is there with this type.
  bool Has(const char* name, int type) {
    if (PushRawField(lua_, -1, name) == type) return true;
    lua_pop(lua_, 1);
    return false;
  }
  void WriteLine(void (ReplyWriter::*write)(std::string_view)) {
    (reply_.*write)(OneLine(TextAt(lua_, -1)));
    lua_pop(lua_, 1);
  }
  void WritePairs(bool with_values) {
    const size_t mark = reply_.MapLater();
    size_t count = 0;
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      lua_pushvalue(lua_, -2);  // the key is for lua_next, its copy for the reply
      if (!with_values) lua_remove(lua_, -2);
      Write();
      if (with_values) Write();
      ++count;
    }
    with_values ? reply_.CloseMap(mark, count) : reply_.CloseSet(mark, count);
    lua_pop(lua_, 1);
  }
  bool WriteVerbatim() {
    if (!Has("verbatim_string", LUA_TTABLE)) return false;
    const bool has_format = PushRawField(lua_, -1, "format") == LUA_TSTRING;
    const bool complete = PushRawField(lua_, -2, "string") == LUA_TSTRING && has_format;
    if (complete) {
      std::string format(TextAt(lua_, -2).substr(0, 3));
      format.resize(3, ' ');
      reply_.Verbatim(format, TextAt(lua_, -1));
    }
    lua_pop(lua_, 3);
    return complete;
  }
  void WriteArray() {
    const size_t mark = reply_.ArrayLater();
    int count = 0;
    for (;; ++count) {
      lua_rawgeti(lua_, -1, count + 1);
      if (lua_isnil(lua_, -1)) break;
      Write();
    }
    lua_pop(lua_, 1);
    reply_.CloseArray(mark, static_cast<size_t>(count));
  }

  lua_State* lua_;
  ReplyWriter& reply_;
  int script_protocol_;
  int depth_ = 0;
};

}  // namespace

void PushReply(lua_State* lua, std::string_view reply) {
  ReplyReader(lua, reply).Push();
}

void ReplyWithValue(lua_State* lua, ReplyWriter& reply, int script_protocol) {
  ValueWriter(lua, reply, script_protocol).Write();
}

}  // namespace torc
