#include "redis-tests/differential/terms.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "base/text.h"
#include "redis-tests/differential/script_terms.h"

namespace torc::differential {
namespace {

template <size_t N>
std::string Pick(Rng& rng, const char* const (&choices)[N]) {
  return choices[rng.Below(N)];
}

// --- keys: eight names per type, so that clients meet on them; one in ten is of any type ---

constexpr std::string_view kKeyLetters =
    "sbihlczxpgkq";  // what each letter holds: see the terms below
constexpr uint64_t kKeysPerLetter = 8;

std::string OddKey(Rng& rng) {
  switch (rng.Below(4)) {
    case 0:
      return {};
    case 1:
      return std::string("k\0\xff\n", 4);
    case 2:
      return std::string(120, 'k');
    default:
      return "{tag}" + std::to_string(rng.Below(3));
  }
}

std::string LetterKey(Source& s, char letter) {
  s.last_key = letter + std::to_string(s.rng.Below(kKeysPerLetter));
  return s.last_key;
}

std::string AnyKey(Source& s) {
  if (s.rng.Chance(0.05)) return s.last_key = OddKey(s.rng);
  return LetterKey(s, kKeyLetters[s.rng.Below(kKeyLetters.size())]);
}

template <char kLetter>
std::string KeyOf(Source& s) {
  return s.rng.Chance(0.1) ? AnyKey(s) : LetterKey(s, kLetter);
}

// Sorted sets of one score: no other term names them.
std::string LexKey(Source& s) {
  return LetterKey(s, 'y');
}

std::string SameKey(Source& s) {
  return s.last_key;
}

// --- numbers ---

std::string Between(Source& s, int64_t low, int64_t high) {
  return std::to_string(s.rng.Between(low, high));
}

std::string Int(Source& s) {
  if (s.rng.Chance(0.7)) return Between(s, -20, 100);
  if (s.rng.Chance(0.5)) return Between(s, -100'000, 100'000);
  return Pick(s.rng, {"0", "-0", "007", "9223372036854775807", "-9223372036854775808",
                      "9223372036854775808", "9223372036854775800", "-9223372036854775800",
                      "12345678901", "-98765432109", "1.0", "1e2", "abc", "", " 5", "5 ", "+5"});
}

std::string Float(Source& s) {
  if (s.rng.Chance(0.4)) return Between(s, -20, 20);
  if (s.rng.Chance(0.7))
    return Format("%.*f", static_cast<int>(s.rng.Below(7)), s.rng.Unit() * 200 - 100);
  return Pick(s.rng, {"0.1",    "-0.1",
                      "1e3",    "-1.5e-5",
                      "3.0e10", "1e17",
                      "1e300",  "-1e308",
                      "inf",    "-inf",
                      "+inf",   "nan",
                      "0x1p3",  "1e400",
                      "1e-400", "abc",
                      "",       " 1",
                      "1 ",     "5.",
                      ".5",     "0.000000000000000001"});
}

// Short and of few letters: what LCS, whose work is the product of two lengths, can be asked about
// often.
std::string ShortText(Source& s) {
  std::string text(s.rng.Below(40), 'a');
  for (char& c : text) c = static_cast<char>('a' + s.rng.Below(4));
  return text;
}

std::string Index(Source& s) {
  if (s.rng.Chance(0.85)) return Between(s, -8, 8);
  if (s.rng.Chance(0.6)) return Between(s, -300, 300);
  return Pick(s.rng, {"9223372036854775807", "-9223372036854775808", "9223372036854775808",
                      "2147483648", "-2147483649", "abc", "", "1.5", "-0"});
}

std::string SmallIndex(Source& s) {
  if (s.rng.Chance(0.9)) return Between(s, -8, 8);
  return s.rng.Chance(0.8) ? Between(s, -300, 300) : Pick(s.rng, {"abc", "", "1.5", "-0"});
}

std::string Count(Source& s) {
  if (s.rng.Chance(0.85)) return Between(s, 1, 6);
  if (s.rng.Chance(0.5)) return Between(s, -3, 200);
  return Pick(s.rng, {"0", "-1", "4294967296", "9223372036854775807", "-9223372036854775808",
                      "9223372036854775808", "abc", "", "1.5"});
}

// --- values ---

std::string Text(Source& s) {
  const uint64_t form = s.rng.Below(100);
  if (form < 30)
    return Pick(s.rng, {"a", "b", "c", "hello", "world", "ohmytext", "mynewtext", "foobar"});
  if (form < 50) return Between(s, -5, 30);
  if (form < 60) return Int(s);
  if (form < 68) return Float(s);
  if (form < 76) return std::string(s.rng.Below(20), static_cast<char>('a' + s.rng.Below(4)));
  if (form < 84) return std::string(43 + s.rng.Below(4), 'v');  // around the limit of short strings
  if (form < 90) return std::string("\0\x01\xff\r\n\"\\", 7);
  if (form < 94) return {};
  if (form < 99) return std::string(60 + s.rng.Below(100), 'w');
  return std::string(2000 + s.rng.Below(2000), 'L');
}

// --- times ---

// No two relative TTLs of a run are near each other: which one is greater never depends on the
// clock.
int64_t NextTtlSeconds(Source& s) {
  constexpr uint64_t kSteps = 1'000'003;
  s.ttl_serial = (s.ttl_serial + 7'919) % kSteps;
  return 100'000 + static_cast<int64_t>(s.ttl_serial) * 10;
}

int64_t AbsoluteSeconds(Source& s) {
  return kAbsoluteTimesFromSeconds + s.rng.Between(0, 20) * 86'400;
}

std::string BadTtl(Source& s) {
  return Pick(s.rng, {"abc", "", "1.5", "9223372036854775807", "-9223372036854775808",
                      "9223372036854775808", "9223372036854775", "-9223372036854776"});
}

std::string TtlSeconds(Source& s) {
  return s.rng.Chance(0.04) ? BadTtl(s) : std::to_string(NextTtlSeconds(s));
}
std::string TtlMs(Source& s) {
  return s.rng.Chance(0.04) ? BadTtl(s) : std::to_string(NextTtlSeconds(s) * 1000 + 7);
}
std::string AtSeconds(Source& s) {
  return s.rng.Chance(0.04) ? BadTtl(s) : std::to_string(AbsoluteSeconds(s));
}
std::string AtMs(Source& s) {
  return s.rng.Chance(0.04) ? BadTtl(s)
                            : std::to_string(AbsoluteSeconds(s) * 1000 + s.rng.Between(0, 2));
}
std::string Past(Source& s) {
  return Pick(s.rng, {"0", "-1", "-100000"});
}
std::string PastAt(Source& s) {
  return Pick(s.rng, {"1", "1000000000"});
}

// --- bits ---

std::string BitOffset(Source& s) {
  if (s.rng.Chance(0.9)) return Between(s, 0, 300);
  if (s.rng.Chance(0.5)) return Between(s, 0, 40'000);
  return Pick(
      s.rng, {"-1", "4294967296", "9223372036854775807", "abc", "", "1.5", "18446744073709551615"});
}

std::string BitfieldOffset(Source& s) {
  if (s.rng.Chance(0.5)) return "#" + Between(s, 0, 40);
  return BitOffset(s);
}

std::string BitfieldType(Source& s) {
  if (s.rng.Chance(0.95)) {
    const bool is_signed = s.rng.Chance(0.5);
    return (is_signed ? "i" : "u") + Between(s, 1, is_signed ? 64 : 63);
  }
  return Pick(s.rng,
              {"u64", "i65", "i0", "u0", "x8", "8", "", "i-1", "u", "i999999999999999999999"});
}

// --- what is sorted: keys that no other group names ---

std::string SortedList(Source& s) {
  return "sortlist" + Between(s, 0, 2);
}
std::string SortedSet(Source& s) {
  return "sortset" + Between(s, 0, 2);
}
std::string SortedZset(Source& s) {
  return "sortzset" + Between(s, 0, 2);
}

std::string SortMember(Source& s) {
  if (s.rng.Chance(0.9)) return Between(s, 0, 40);
  return Pick(s.rng, {"2.5", "-1e3", "0x10", "inf", " 1", "nan", "a", "A", "aa", "", "x y"});
}

std::string WeightKey(Source& s) {
  return "w_" + SortMember(s);
}
std::string WeightHash(Source& s) {
  return "h_" + SortMember(s);
}

std::string NamePattern(Source& s) {
  return Pick(s.rng, {"w_*", "w_*", "h_*->f", "h_*->f", "h_*->g", "h_*->", "none_*", "w_*->f"});
}

// --- members, fields and scores ---

std::string Member(Source& s) {
  const uint64_t form = s.rng.Below(100);
  if (form < 55) return "m" + std::to_string(s.rng.Below(12));
  if (form < 90) return Between(s, -3, 20);
  if (form < 98) return Text(s);
  return Pick(s.rng,
              {"32767", "32768", "-32769", "2147483648", "-2147483649", "9223372036854775807"});
}

std::string Field(Source& s) {
  return s.rng.Chance(0.85) ? "f" + std::to_string(s.rng.Below(14)) : Text(s);
}

std::string Score(Source& s) {
  if (s.rng.Chance(0.6)) return Between(s, -3, 8);
  return s.rng.Chance(0.6) ? Format("%.*f", static_cast<int>(s.rng.Below(5)), s.rng.Unit() * 10 - 3)
                           : Float(s);
}

std::string ScoreBound(Source& s) {
  if (s.rng.Chance(0.25)) return Pick(s.rng, {"-inf", "+inf", "inf", "(inf", "(-inf"});
  return (s.rng.Chance(0.3) ? "(" : "") + Score(s);
}

// --- places

std::string Degrees(Source& s, int64_t bound) {
  if (s.rng.Chance(0.1)) return Float(s);
  if (s.rng.Chance(0.3)) return Between(s, -bound, bound);
  // A small corner, so that circles have something in them.
  if (s.rng.Chance(0.7)) return Format("%.6f", 10 + s.rng.Unit() * 8);
  return Format("%.6f", (s.rng.Unit() * 2 - 1) * static_cast<double>(bound));
}

std::string Longitude(Source& s) {
  return Degrees(s, 180);
}

std::string Latitude(Source& s) {
  return Degrees(s, 85);
}

std::string Metres(Source& s) {
  if (s.rng.Chance(0.05)) return Float(s);
  return s.rng.Chance(0.5) ? Between(s, 0, 2000) : Between(s, 0, 2'000'000);
}

std::string LexBound(Source& s) {
  if (s.rng.Chance(0.3)) return Pick(s.rng, {"-", "+"});
  if (s.rng.Chance(0.03)) return Pick(s.rng, {"", "a", "[", "(", "--", "-x"});
  return (s.rng.Chance(0.5) ? "[" : "(") + Member(s);
}

// --- ids of stream entries: XADD's mostly grow, the others ask for what was added lately ---

std::string NewId(Source& s) {
  const std::string ms = std::to_string(++s.entry_serial / 2);
  if (s.rng.Chance(0.1)) return ms + "-*";
  return s.rng.Chance(0.2) ? ms : ms + "-" + Between(s, 0, 3);
}

// Greater than all ids so far.
std::string SetId(Source& s) {
  return std::to_string(s.entry_serial / 2 + 1) + "-9";
}

std::string BadId(Source& s) {
  return Pick(s.rng, {"0-0",
                      "0",
                      "-",
                      "+",
                      "(5",
                      "-5",
                      "5-",
                      "abc",
                      "",
                      "1-2-3",
                      "5--3",
                      "+5-1",
                      "007-01",
                      "5-*",
                      "0-*",
                      "*-1",
                      "18446744073709551616",
                      "18446744073709551616-1",
                      "1-18446744073709551615",
                      "1-99999999999999999999",
                      "1.5",
                      " 5",
                      "5 "});
}

std::string EntryId(Source& s) {
  if (s.rng.Chance(0.02)) return BadId(s);
  const auto newest = static_cast<int64_t>(s.entry_serial / 2);
  const std::string ms = Between(s, std::max<int64_t>(newest - 60, 0), newest + 1);
  return s.rng.Chance(0.2) ? ms : ms + "-" + Between(s, 0, 3);
}

std::string IdBound(Source& s) {
  if (s.rng.Chance(0.3)) return Pick(s.rng, {"-", "+"});
  return (s.rng.Chance(0.2) ? "(" : "") + EntryId(s);
}

// --- the keyspace ---

std::string Db(Source& s) {
  if (s.rng.Chance(0.8)) return Between(s, 0, 1);
  if (s.rng.Chance(0.8)) return Between(s, 0, 3);
  return Pick(s.rng, {"15", "16", "-1", "abc", "", "4294967296", "99999999999999999999"});
}

std::string Pattern(Source& s) {
  if (s.rng.Chance(0.4)) return "*";
  return Pick(
      s.rng, {"s*", "?1",  "[sl]*", "[^s]*", "[a-m]?",  "*1*", "s[0-3]", "\\s1", "",      "[", "[a",
              "\\", "*?*", "k*",    "**",    "nothing", "m*",  "[z-a]*", "f?",   "*[0-9]"});
}

std::string TypeName(Source& s) {
  return Pick(s.rng, {"string", "list", "set", "zset", "hash", "stream", "STRING", "nothing", ""});
}

// --- channels ---

std::string Channel(Source& s) {
  if (s.rng.Chance(0.7)) return "c" + Between(s, 0, 5);
  if (s.rng.Chance(0.3)) return "__keyspace@" + Between(s, 0, 1) + "__:" + AnyKey(s);
  return Pick(s.rng, {"", "c*", "__keyevent@0__:set", "__keyevent@0__:del", "__keyevent@1__:lpush",
                      "__keyevent@0__:new", "__keyevent@0__:keymiss", "with space"});
}

std::string ChannelPattern(Source& s) {
  return Pick(s.rng, {"c*", "c[0-2]", "c?", "*3", "c\\*", "", "[", "*space", "__keyspace@0__:s*",
                      "__keyspace@*__:?[0-3]", "__keyevent@0__:*", "__key*@1__:*",
                      "__keyevent@?__:[a-h]*"});
}

std::string EventClasses(Source& s) {
  if (s.rng.Chance(0.1)) return Pick(s.rng, {"", "KEA", "KEAnm", "q", "Kx ", "K", "A"});
  constexpr std::string_view kLetters = "KEKEKEg$lshzxetdnmA";
  std::string text;
  for (uint64_t count = 1 + s.rng.Below(10); count > 0; --count) {
    text += kLetters[s.rng.Below(kLetters.size())];
  }
  return text;
}

std::string Word(Source& s) {
  return Pick(s.rng, {"foo", "bar", "x", "lib-name", "with space", "tab\there", ""});
}

}  // namespace

Term FindTerm(std::string_view name) {
  struct Entry {
    std::string_view name;
    Term term;
  };
  static constexpr auto kTerms = std::to_array<Entry>({
      {"key", AnyKey},
      {"skey", KeyOf<'s'>},
      {"bkey", KeyOf<'b'>},
      {"ikey", KeyOf<'i'>},
      {"hkey", KeyOf<'h'>},
      {"lkey", KeyOf<'l'>},
      {"ckey", KeyOf<'c'>},
      {"zkey", KeyOf<'z'>},
      {"xkey", KeyOf<'x'>},
      {"pkey", KeyOf<'p'>},
      {"gkey", KeyOf<'g'>},
      {"sortlist", SortedList},
      {"sortset", SortedSet},
      {"sortzset", SortedZset},
      {"sortmember", SortMember},
      {"weightkey", WeightKey},
      {"weighthash", WeightHash},
      {"namepattern", NamePattern},
      {"ykey", LexKey},
      {"qkey", KeyOf<'q'>},
      {"samekey", SameKey},
      {"int", Int},
      {"float", Float},
      {"index", Index},
      {"smallindex", SmallIndex},
      {"count", Count},
      {"value", Text},
      {"shorttext", ShortText},
      {"ttl_s", TtlSeconds},
      {"ttl_ms", TtlMs},
      {"at_s", AtSeconds},
      {"at_ms", AtMs},
      {"past", Past},
      {"past_at", PastAt},
      {"bitoffset", BitOffset},
      {"bfoffset", BitfieldOffset},
      {"bftype", BitfieldType},
      {"member", Member},
      {"field", Field},
      {"score", Score},
      {"scorebound", ScoreBound},
      {"lexbound", LexBound},
      {"longitude", Longitude},
      {"latitude", Latitude},
      {"metres", Metres},
      {"newid", NewId},
      {"entryid", EntryId},
      {"badid", BadId},
      {"setid", SetId},
      {"bound", IdBound},
      {"channel", Channel},
      {"channelpattern", ChannelPattern},
      {"eventclasses", EventClasses},
      {"db", Db},
      {"pattern", Pattern},
      {"typename", TypeName},
      {"word", Word},
  });
  for (const Entry& entry : kTerms) {
    if (entry.name == name) return entry.term;
  }
  return FindScriptTerm(name);
}

}  // namespace torc::differential
