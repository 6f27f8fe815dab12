#include "redis-tests/differential/script_terms.h"

#include <array>
#include <string>

#include "base/sha1.h"
#include "base/text.h"

namespace torc::differential {
namespace {

template <size_t kCount>
std::string Pick(Rng& rng, const char* const (&choices)[kCount]) {
  return choices[rng.Below(kCount)];
}

std::string Number(Source& s) {
  if (s.rng.Chance(0.6)) return std::to_string(s.rng.Between(-20, 300));
  return Pick(s.rng, {"0", "-1", "2^31", "-2^31", "2^32", "2^53", "1e15", "65535", "65536", "127",
                      "128", "255", "256", "4294967295", "-129", "-32769"});
}

std::string Key(Source& s) {
  return s.rng.Chance(0.8) ? "KEYS[1]" : "KEYS[2] or 'k0'";
}

std::string Arg(Source& s) {
  if (s.rng.Chance(0.6)) return "ARGV[1] or 'v'";
  return s.rng.Chance(0.5) ? Number(s) : Pick(s.rng, {"'abc'", "''", "'10'", "'a b'", "'x\\0y'"});
}

// What a call of Redis is given, without its parentheses. Only what answers in one order.
std::string CallArguments(Source& s) {
  switch (s.rng.Below(22)) {
    case 0:
      return "'set'," + Key(s) + "," + Arg(s);
    case 1:
      return "'get'," + Key(s);
    case 2:
      return "'incrby'," + Key(s) + "," + std::to_string(s.rng.Between(-9, 9));
    case 3:
      return "'append'," + Key(s) + "," + Arg(s);
    case 4:
      return "'rpush'," + Key(s) + "," + Arg(s) + "," + Arg(s);
    case 5:
      return "'lrange'," + Key(s) + ",0,-1";
    case 6:
      return "'lpop'," + Key(s);
    case 7:
      return "'hset'," + Key(s) + ",'f'," + Arg(s);
    case 8:
      return "'hget'," + Key(s) + ",'f'";
    case 9:
      return "'zadd'," + Key(s) + "," + std::to_string(s.rng.Between(-9, 9)) + ",'m'";
    case 10:
      return "'zrange'," + Key(s) + ",0,-1,'withscores'";
    case 11:
      return "'zscore'," + Key(s) + ",'m'";
    case 12:
      return "'del'," + Key(s);
    case 13:
      return "'exists'," + Key(s) + "," + Key(s);
    case 14:
      return "'type'," + Key(s);
    case 15:
      return "'strlen'," + Key(s);
    case 16:
      return "'select','" + std::to_string(s.rng.Below(4)) + "'";
    case 17:
      return "'blpop'," + Key(s) + ",0";
    case 18:
      return "'setrange'," + Key(s) + ",3," + Arg(s);
    case 19:
      return "'ping'";
    case 20:
      return Pick(s.rng, {"'nosuch'", "'get'", "'multi'", "'watch','k'", "'object','nosuch','k'",
                          "'subscribe','c'", "'eval','return 1',0", "{}", "true", "''", "'get',nil",
                          "'publish','c','m'", "'config','get','a'", "'client','id'"});
    default:
      return "'getrange'," + Key(s) + "," + std::to_string(s.rng.Between(-5, 5)) + ",-1";
  }
}

std::string Hex(const std::string& expression) {
  return "(string.gsub(" + expression +
         ",'.',function(c) return string.format('%02x',string.byte(c)) end))";
}

// A value of Lua's own, of Redis's libraries, or of a call.
std::string Value(Source& s, int depth = 0) {
  switch (s.rng.Below(depth > 2 ? 17 : 24)) {
    case 0:
    case 1:
      return Number(s);
    case 2:
      return Pick(s.rng, {"true", "false", "'text'", "'a\\r\\nb'", "3.99", "-3.99", "ARGV[1]",
                          "KEYS[1]", "#KEYS", "#ARGV", "ARGV", "KEYS", "nil", "1e300"});
    case 3:
      return Pick(s.rng, {"{err='A b'}", "{ok='fine'}", "{double=3.5}", "{big_number='12'}",
                          "{verbatim_string={format='txt',string='abc'}}", "{set={a=true}}",
                          "{map={a=1}}", "{err=5}", "redis.error_reply('my')", "{ok='a\\nb'}",
                          "redis.error_reply('My e')", "redis.status_reply('s')",
                          "redis.error_reply(1)", "redis.status_reply()", "{map={{1}}}"});
    case 4:
      return "redis.sha1hex(" + Pick(s.rng, {"'a'", "''", "ARGV[1] or ''", "'a','b'"}) + ")";
    case 5:
      return Hex("cmsgpack.pack(" + Number(s) + "," +
                 Pick(s.rng, {"'abc'", "{}", "{1,2}", "{a=1}", "nil", "1.5", "true"}) + ")");
    case 6:
      return "{cmsgpack.unpack('" +
             Pick(s.rng, {"\\147\\1\\2\\3", "\\129\\161a\\1", "\\205\\1\\0", "\\163ab", "\\193",
                          "\\192", "\\195\\194", "\\202\\63\\192\\0\\0", "\\217\\3abc",
                          "\\220\\0\\1\\9", "\\224\\255"}) +
             "')}";
    case 7:
      return Hex("struct.pack('" +
                 Pick(s.rng, {"b", "B", ">h", "<H", "i3", ">I4", "l", "d", ">d", "f", "bxH", "!4bi",
                              "s", "c2", "i33", "=i"}) +
                 "'," + Number(s) + "," + Number(s) + ")");
    case 8:
      return "{struct.unpack('" +
             Pick(s.rng, {"b", "B", ">h", "<I3", "bb", "s", "c2", "Bc0", "<i4", "!2bh", "d"}) +
             "','" + Pick(s.rng, {"\\1\\2\\3\\4", "\\255\\254\\253\\252", "ab\\0c", "", "\\1a"}) +
             "')}";
    case 9:
      return "bit." +
             Pick(s.rng,
                  {"band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror", "tohex"}) +
             "(" + Number(s) + "," + Number(s) + ")";
    case 10:
      return "cjson.encode(" +
             Pick(s.rng, {"{1,2,'a'}", "{a=1}", "{}", "'x\\\"/\\\\\\1'", "{[10]=1}", "{[100]=1}",
                          "3.14159265358979", "1e15", "cjson.null", "print", "0/0", "{{{}}}"}) +
             ")";
    case 11:
      return "cjson.decode(" +
             Pick(s.rng, {"'[1,2,[3]]'", "'{\\\"a\\\":[1,null]}'", "'1e3'", "'[1,'", "'nul'", "''",
                          "'\\\"\\\\u00e9\\\"'", "'[true,false]'"}) +
             ")";
    case 12:
      return Pick(s.rng, {"tostring(2^53)", "tonumber('0x10')", "10 ..20", "#'abc'", "-7%3",
                          "string.format('%5.1f|%q|%d',3.14159,'a\\nb',7)", "('x'):rep(3)",
                          "select('#',1,nil)", "table.concat({1,2,3},',')",
                          "redis.acl_check_cmd('get','a')", "type(redis)", "math.floor(-1.5)",
                          "unpack({1,2,3})", "string.reverse('abc')", "tostring(nil)",
                          "string.find('hello','l+')", "string.rep('ab',2)"});
    case 13:
      return Pick(s.rng, {"nosuch", "foo.bar", "#nil", "nil..'a'", "1+{}", "({})()", "-'a'",
                          "string.rep()", "('x').y.z", "{}<1", "math.max()", "print(1)"});
    case 14:
      return "{pcall(function() return " + Value(s, depth + 1) + " end)}";
    case 15:
      return "{" + Value(s, depth + 1) + "," + Value(s, depth + 1) + "}";
    case 16:
      return "redis.pcall(" + CallArguments(s) + ")";
    default:
      return "redis.call(" + CallArguments(s) + ")";
  }
}

std::string Statement(Source& s) {
  switch (s.rng.Below(12)) {
    case 0:
      return "redis.setresp(" + Pick(s.rng, {"2", "3", "3", "4"}) + ")";
    case 1:
      return "local v=" + Value(s);
    case 2:
      return "for i=1," + std::to_string(s.rng.Below(5)) + " do redis.call(" + CallArguments(s) +
             ") end";
    case 3:
      return "if redis.call('exists'," + Key(s) + ")==1 then redis.call(" + CallArguments(s) +
             ") end";
    case 4:
      return Pick(s.rng, {"error('boo')", "error({err='My boo'})", "x=1", "redis.foo=1",
                          "KEYS[1]='z'", "redis.log(1,'x')", "redis.replicate_commands()",
                          "rawset(_G,'x',1)", "assert(false)", "error('a',0)"});
    case 5:
      return "redis.pcall(" + CallArguments(s) + ")";
    default:
      return "redis.call(" + CallArguments(s) + ")";
  }
}

std::string Body(Source& s) {
  std::string body;
  for (uint64_t i = s.rng.Below(4); i > 0; --i) {
    body += Statement(s);
    body += s.rng.Chance(0.2) ? "\n" : " ";
  }
  return body + "return " + Value(s);
}

std::string Script(Source& s) {
  if (s.rng.Chance(0.85)) return Body(s);
  return Pick(s.rng,
              {"#!lua\n", "#!lua flags=no-writes\n", "#!lua flags=nosuch\n", "#!lua name=x\n",
               "#!foo\n", "#!lua flags=allow-oom,no-writes\n", "#!lua", "\n\n", "#!lua flags=\n"}) +
         Body(s);
}

// A few that come again, so that SHA1s are known.
std::string KnownScript(Source& s) {
  return Pick(s.rng, {"return 1", "return KEYS[1]", "return redis.call('get',KEYS[1])",
                      "return redis.call('incr',KEYS[1])", "return {KEYS,ARGV}",
                      "#!lua flags=no-writes\nreturn redis.call('set',KEYS[1],'x')"});
}

std::string Sha(Source& s) {
  if (s.rng.Chance(0.1))
    return Pick(s.rng, {"", "abc", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"});
  const auto digest = Sha1Hex(KnownScript(s));
  const std::string sha(digest.begin(), digest.end());
  return s.rng.Chance(0.2) ? Uppercase(sha) : sha;
}

std::string LibraryName(Source& s) {
  return "lib" + std::to_string(s.rng.Below(3));
}

std::string FunctionName(Source& s) {
  return s.rng.Chance(0.05) ? "nosuch" : "f" + std::to_string(s.rng.Below(4));
}

std::string Library(Source& s) {
  const std::string code = "function(KEYS,ARGV) " + Body(s) + " end";
  std::string library = "#!lua name=" + LibraryName(s) + "\n";
  switch (s.rng.Below(8)) {
    case 0:
      return Pick(s.rng, {"#!lua\n", "#!lua name=a-b\n", "#!js name=x\n", "nothing", "#!lua",
                          "#!lua name=x flags=y\n", "#!lua name=x name=y\n"}) +
             code;
    case 1:
      return library + Statement(s);
    case 2:
      return library + "redis.register_function{function_name='" + FunctionName(s) +
             "',callback=" + code + ",flags={" +
             Pick(s.rng, {"'no-writes'", "'allow-oom'", "'nosuch'", ""}) + "},description='d'}";
    default:
      return library + "redis.register_function('" + FunctionName(s) + "'," + code + ")";
  }
}

}  // namespace

Term FindScriptTerm(std::string_view name) {
  struct Entry {
    std::string_view name;
    Term term;
  };
  static constexpr auto kTerms = std::to_array<Entry>({
      {"script", Script},
      {"known_script", KnownScript},
      {"sha", Sha},
      {"library", Library},
      {"library_name", LibraryName},
      {"function", FunctionName},
  });
  for (const Entry& entry : kTerms) {
    if (entry.name == name) return entry.term;
  }
  return nullptr;
}

}  // namespace torc::differential
