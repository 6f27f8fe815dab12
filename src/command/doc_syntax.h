#pragma once

// COMMAND DOCS' argument tree, read from a spec's syntax text. What the text may say:
//
//   key seconds            arguments, in lower case; the word tells the type ("seconds": an
//   integer) LIMIT                  a token, in capitals; alone it is a switch EX seconds a token
//   with the argument it introduces; with several it introduces a block [ … ]                  may
//   be left out < … >                  belongs together NX | XX                one of them; only
//   within brackets key [key ...]          the argument (or the run of arguments) before the
//   bracket may be repeated;
//                          [GET pattern [GET pattern ...]] also repeats the token
//   [A x | B y ...]        any number of them
//
// Which argument is which key follows from the spec's key specifications. Parsing is linear in the
// text; it happens per call of COMMAND DOCS.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torc/command.h"

namespace torc {

struct DocArgument {
  enum class Kind : uint8_t {
    kString,
    kInteger,
    kDouble,
    kKey,
    kPattern,
    kUnixTime,
    kPureToken,
    kOneOf,
    kBlock,
  };
  Kind kind = Kind::kString;
  std::string name;          // unique among its siblings; an identifier
  std::string display_text;  // as shown to people; empty for kOneOf and kBlock
  std::string token;         // in capitals; empty if there is none
  int key_spec_index = -1;   // kKey: which key specification finds it
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;         // repeated together with its token
  std::vector<DocArgument> arguments;  // kOneOf: the alternatives; kBlock: the parts
};

// Nothing if the text does not keep to the rules above (a test sees to it that every command's
// does).
std::optional<std::vector<DocArgument>> ParseSyntax(const CommandSpec& spec);
// The tree as text again, in the form that ParseSyntax reads.
std::string SyntaxText(const std::vector<DocArgument>& arguments);
// "string", "integer", …, "pure-token", "oneof", "block".
std::string_view DocKindName(DocArgument::Kind kind);

}  // namespace torc
