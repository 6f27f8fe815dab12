#include "command/doc_syntax.h"

#include <doctest/doctest.h>

#include <string>

namespace torc {
namespace {

using Kind = DocArgument::Kind;

CommandSpec Spec(std::string_view syntax) {
  CommandSpec spec;
  spec.name = "test";
  spec.syntax = syntax;
  return spec;
}

// The tree in a line: "ttl:oneof?(seconds:integer=EX …)": name, kind, token, ? for optional, + for
// multiple,
// ++ for a repeated token, * before the number of a key specification.
std::string Describe(const std::vector<DocArgument>& arguments) {
  std::string out;
  for (const DocArgument& argument : arguments) {
    if (!out.empty()) out += ' ';
    out += argument.name + ":" + std::string(DocKindName(argument.kind));
    if (argument.key_spec_index >= 0) out += "*" + std::to_string(argument.key_spec_index);
    if (!argument.token.empty()) out += "=" + argument.token;
    if (argument.optional) out += '?';
    if (argument.multiple) out += argument.multiple_token ? "++" : "+";
    if (!argument.arguments.empty()) out += "(" + Describe(argument.arguments) + ")";
  }
  return out;
}

std::string Describe(const CommandSpec& spec) {
  const auto arguments = ParseSyntax(spec);
  return arguments ? Describe(*arguments) : "(malformed)";
}

TEST_CASE("words are arguments, capitals are tokens") {
  CHECK(Describe(Spec("")).empty());
  CHECK(Describe(Spec("message")) == "message:string");
  CHECK(Describe(Spec("key seconds [GET]")) == "key:string seconds:integer get:pure-token=GET?");
  CHECK(Describe(Spec("[SAMPLES count]")) == "count:integer=SAMPLES?");
  CHECK(Describe(Spec("[LIMIT offset count]")) ==
        "limit:block=LIMIT?(offset:integer count:integer)");
}

TEST_CASE("alternatives are a oneof") {
  CHECK(Describe(Spec("[NX | XX]")) == "condition:oneof?(nx:pure-token=NX xx:pure-token=XX)");
  CHECK(Describe(Spec("<EX seconds | PX milliseconds | EXAT unix-time-seconds>")) ==
        "expiration:oneof(seconds:integer=EX milliseconds:integer=PX "
        "unix-time-seconds:unix-time=EXAT)");
  CHECK(Describe(Spec("[TYPE <NORMAL | PUBSUB>]")) ==
        "normal-or-pubsub:oneof=TYPE?(normal:pure-token=NORMAL pubsub:pure-token=PUBSUB)");
}

TEST_CASE("a bracket that repeats what stands before it makes that multiple") {
  CHECK(Describe(Spec("member [member ...]")) == "member:string+");
  CHECK(Describe(Spec("field value [field value ...]")) ==
        "field-value:block+(field:string value:string)");
  CHECK(Describe(Spec("[WEIGHTS weight [weight ...]]")) == "weight:string=WEIGHTS?+");
  CHECK(Describe(Spec("[GET pattern [GET pattern ...]]")) == "pattern:pattern=GET?++");
  CHECK(Describe(Spec("[GET encoding offset [GET encoding offset ...]]")) ==
        "get:block=GET?++(encoding:string offset:integer)");
}

TEST_CASE("a token without brackets introduces the argument behind it") {
  CHECK(Describe(Spec("MATCH pattern value")) == "pattern:pattern=MATCH value:string");
}

TEST_CASE("keys are told by the key specifications") {
  CommandSpec spec = Spec("source destination [DB destination-db]");
  spec.keys = {OneKey(1, kKeyReadOnly), OneKey(2, kKeyOverwrite)};
  CHECK(Describe(spec) == "source:key*0 destination:key*1 destination-db:integer=DB?");
  spec = Spec("key value [key value ...]");
  spec.keys = {KeyRange(1, -1, 2, kKeyOverwrite)};
  CHECK(Describe(spec) == "key-value:block+(key:key*0 value:string)");
  spec = Spec("numkeys key [key ...] <LEFT | RIGHT>");
  spec.keys = {CountedKeys(1, kKeyReadWrite)};
  CHECK(Describe(spec).find("numkeys:integer key:key*0+ ") == 0);
  spec = Spec("key [SAMPLES count]");
  spec.parent = "memory";
  spec.keys = {OneKey(2, kKeyReadOnly)};
  CHECK(Describe(spec) == "key:key*0 count:integer=SAMPLES?");
  spec = Spec("[COUNT count] <STREAMS key [key ...] id [id ...]>");
  spec.keys = {KeysAfter("STREAMS", 1, -1, 1, 2, kKeyReadOnly)};
  CHECK(Describe(spec) == "count:integer=COUNT? streams:block=STREAMS(key:key*0+ id:string+)");
}

TEST_CASE("siblings have different names") {
  CHECK(Describe(Spec("value value")) == "value:string value2:string");
  CHECK(Describe(Spec("count [COUNT count]")) == "count:integer count-count:integer=COUNT?");
}

TEST_CASE("a step is a fraction where the command's name says so") {
  CommandSpec spec = Spec("key increment");
  CHECK(Describe(spec) == "key:string increment:integer");
  spec.name = "incrbyfloat";
  CHECK(Describe(spec) == "key:string increment:double");
}

TEST_CASE("malformed texts are refused") {
  for (const char* text :
       {"[a", "a]", "<a", "a>", "[]", "<>", "[a|]", "a | b", "...", "a ...", "[b ...]", "a [b ...]",
        "[a ... b]", "[a>", "a [a ...", "[[[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]]]"}) {
    CAPTURE(text);
    CHECK(Describe(Spec(text)) == "(malformed)");
  }
}

TEST_CASE("the tree can be written as text again") {
  for (const char* text :
       {"key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]", "key [key ...]",
        "key value [key value ...]", "key [GET encoding offset [GET encoding offset ...]]",
        "<AND | OR | XOR | NOT> destkey key [key ...]", "key bit [start [end [BYTE | BIT]]]",
        "[TYPE <NORMAL | PUBSUB>] [ID client-id [client-id ...]]",
        "[COUNT count] <STREAMS key [key ...] id [id ...]>",
        "[LIMIT offset count] MATCH pattern"}) {
    const auto arguments = ParseSyntax(Spec(text));
    REQUIRE(arguments.has_value());
    CHECK(SyntaxText(*arguments) == text);
  }
}

}  // namespace
}  // namespace torc
