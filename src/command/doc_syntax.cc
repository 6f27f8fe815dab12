#include "command/doc_syntax.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace torc {
namespace {

using Kind = DocArgument::Kind;

// The text as brackets and words, before it means anything.
struct Node {
  enum class Shape : uint8_t { kWord, kGroup, kOptional };
  struct Sequence {
    std::vector<Node> nodes;
    bool repeats = false;  // ends with "..."
  };
  Shape shape = Shape::kWord;
  std::string_view text;  // the whole node as written
  std::vector<Sequence> alternatives;
};
using Sequence = Node::Sequence;

class BracketReader {
 public:
  explicit BracketReader(std::string_view text) : text_(text) {}

  std::optional<Sequence> Whole() {
    Sequence sequence = ReadSequence();
    if (at_ != text_.size() || sequence.repeats) valid_ = false;
    if (!valid_) return std::nullopt;
    return sequence;
  }

 private:
  static constexpr int kDepthMax = 16;

  void SkipBlanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool AtAnyOf(std::string_view stops) const {
    return at_ >= text_.size() || stops.find(text_[at_]) != std::string_view::npos;
  }

  Sequence ReadSequence() {
    Sequence sequence;
    for (SkipBlanks(); valid_ && !AtAnyOf("|]>"); SkipBlanks()) {
      if (sequence.repeats) valid_ = false;  // nothing stands behind "..."
      Node node = ReadNode();
      if (node.text == "...") {
        sequence.repeats = true;
      } else {
        sequence.nodes.push_back(std::move(node));
      }
    }
    return sequence;
  }

  Node ReadNode() {
    Node node;
    const size_t begin = at_;
    if (text_[at_] == '[' || (text_[at_] == '<' && !AtSymbol())) {
      const bool optional = text_[at_] == '[';
      node.shape = optional ? Node::Shape::kOptional : Node::Shape::kGroup;
      ++at_;
      ReadAlternatives(&node, optional ? ']' : '>');
    } else {
      while (!AtAnyOf(" |[]>")) ++at_;
      if (at_ == begin) valid_ = false;
    }
    node.text = text_.substr(begin, at_ - begin);
    return node;
  }

  // '<' before a blank is not a bracket but a word of its own.
  bool AtSymbol() const { return at_ + 1 >= text_.size() || text_[at_ + 1] == ' '; }

  void ReadAlternatives(Node* node, char close) {
    if (++depth_ > kDepthMax) valid_ = false;
    while (valid_) {
      node->alternatives.push_back(ReadSequence());
      if (node->alternatives.back().nodes.empty()) valid_ = false;
      if (AtAnyOf("") || (text_[at_] != '|' && text_[at_] != close)) valid_ = false;
      if (!valid_) return;
      if (text_[at_++] == close) break;
      if (node->alternatives.back().repeats) valid_ = false;  // only the last one says "..."
    }
    const bool group = close == '>';
    if (group && node->alternatives.size() == 1 && node->alternatives[0].repeats) valid_ = false;
    --depth_;
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  bool valid_ = true;
};

bool IsToken(const Node& node) {
  return node.shape == Node::Shape::kWord &&
         std::none_of(node.text.begin(), node.text.end(),
                      [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string NameOf(std::string_view word) {
  std::string name = Lowercase(word);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!plain) c = '-';
  }
  return name;
}

bool IsAnyOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Makes arguments of nodes; knows the command for what depends on it.
class TreeBuilder {
 public:
  explicit TreeBuilder(const CommandSpec& spec) : spec_(spec) {}

  // The arguments of the whole text: a token there introduces just the argument behind it.
  std::vector<DocArgument> Top(const Sequence& sequence) {
    std::vector<DocArgument> out;
    for (DocArgument& part : Parts(sequence)) {
      const bool introduced = !out.empty() && out.back().kind == Kind::kPureToken &&
                              !out.back().optional && part.kind != Kind::kPureToken &&
                              !part.optional && part.token.empty();
      if (introduced) {
        part.token = std::move(out.back().token);
        out.pop_back();
      }
      out.push_back(std::move(part));
    }
    MakeNamesUnique(&out);
    return out;
  }
  bool valid() const { return valid_; }

 private:
  DocArgument Token(std::string_view word) {
    DocArgument out;
    out.kind = Kind::kPureToken;
    out.name = NameOf(word);
    out.display_text = out.name;
    out.token = word;
    return out;
  }

  Kind KindOf(std::string_view word) const {
    if (word == "pattern") return Kind::kPattern;
    if (IsAnyOf(word, {"unix-time-seconds", "unix-time-milliseconds", "timestamp"})) {
      return Kind::kUnixTime;
    }
    const bool fraction_of_seconds =
        word == "timeout" && (spec_.group == Group::kList || spec_.group == Group::kSortedSet);
    const bool fractional_step =
        word == "increment" && spec_.name.find("float") != std::string_view::npos;
    if (fraction_of_seconds || fractional_step ||
        IsAnyOf(word, {"score", "longitude", "latitude", "radius", "width", "height"})) {
      return Kind::kDouble;
    }
    if (IsAnyOf(word,
                {"seconds",        "milliseconds", "count",       "offset",      "index",
                 "index1",         "index2",       "start",       "end",         "stop",
                 "increment",      "decrement",    "numkeys",     "limit",       "db",
                 "destination-db", "timeout",      "cursor",      "length",      "client-id",
                 "protover",       "version",      "bit",         "port",        "min-match-len",
                 "threshold",      "rank",         "num-matches", "numreplicas", "numlocal",
                 "numfields"})) {
      return Kind::kInteger;
    }
    return Kind::kString;
  }

  DocArgument Leaf(std::string_view word) {
    DocArgument out;
    out.kind = KindOf(word);
    out.name = NameOf(word);
    out.display_text = word;
    return out;
  }

  DocArgument FromNode(const Node& node) {
    if (IsToken(node)) return Token(node.text);
    if (node.shape == Node::Shape::kWord) return Leaf(node.text);
    DocArgument out;
    if (node.alternatives.size() == 1) {
      out = Single(node.alternatives[0]);
    } else {
      out.kind = Kind::kOneOf;
      for (const Sequence& alternative : node.alternatives) {
        out.arguments.push_back(Single(alternative));
      }
      MakeNamesUnique(&out.arguments);
      out.name = ChoiceName(out.arguments);
      out.multiple = node.alternatives.back().repeats;
    }
    out.optional = node.shape == Node::Shape::kOptional;
    return out;
  }

  // "[x ...]" behind x: how many nodes it repeats, or 0 if it is something else.
  size_t Repeats(const std::vector<Node>& nodes, size_t at) {
    const Node& node = nodes[at];
    if (node.shape != Node::Shape::kOptional || node.alternatives.size() != 1) return 0;
    const Sequence& run = node.alternatives[0];
    if (!run.repeats) return 0;
    const size_t count = run.nodes.size();
    bool same = count <= at;
    for (size_t i = 0; same && i < count; ++i) {
      same = run.nodes[i].text == nodes[at - count + i].text;
    }
    if (!same) valid_ = false;
    return same ? count : 0;
  }

  // One argument per node; repeated runs folded into one.
  std::vector<DocArgument> Parts(const Sequence& sequence) {
    std::vector<DocArgument> out;
    for (size_t i = 0; i < sequence.nodes.size(); ++i) {
      const size_t count = Repeats(sequence.nodes, i);
      if (count == 0) {
        out.push_back(FromNode(sequence.nodes[i]));
        continue;
      }
      std::vector<DocArgument> run(
          std::make_move_iterator(out.end() - static_cast<ptrdiff_t>(count)),
          std::make_move_iterator(out.end()));
      out.resize(out.size() - count);
      const bool with_token = count > 1 && run[0].kind == Kind::kPureToken;
      DocArgument repeated = Joined(std::move(run));
      repeated.multiple = true;
      repeated.multiple_token = with_token;
      out.push_back(std::move(repeated));
    }
    return out;
  }

  // What stands between two brackets or bars, as one argument.
  DocArgument Single(const Sequence& sequence) { return Joined(Parts(sequence)); }

  DocArgument Joined(std::vector<DocArgument> parts) {
    if (parts.size() == 1) return std::move(parts[0]);
    const bool tokened = parts[0].kind == Kind::kPureToken && !parts[0].optional;
    if (parts.size() == 2 && tokened && !parts[1].optional && parts[1].token.empty()) {
      parts[1].token = parts[0].token;
      return std::move(parts[1]);
    }
    DocArgument block;
    block.kind = Kind::kBlock;
    if (tokened) {
      block.token = parts[0].token;
      block.name = parts[0].name;
      parts.erase(parts.begin());
    }
    MakeNamesUnique(&parts);
    if (block.name.empty()) block.name = parts[0].name + "-" + parts[1].name;
    block.arguments = std::move(parts);
    return block;
  }

  static std::string ChoiceName(const std::vector<DocArgument>& alternatives) {
    const auto has = [&](std::string_view name) {
      return std::any_of(alternatives.begin(), alternatives.end(),
                         [&](const DocArgument& argument) { return argument.name == name; });
    };
    if (has("nx") && has("xx")) return "condition";
    if (has("seconds") && has("milliseconds")) return "expiration";
    if (alternatives.size() == 2) return alternatives[0].name + "-or-" + alternatives[1].name;
    return "choice-of-" + alternatives[0].name;
  }

  // Siblings of the same name get their token in front, and a number if that does not help.
  static void MakeNamesUnique(std::vector<DocArgument>* siblings) {
    for (size_t i = 0; i < siblings->size(); ++i) {
      DocArgument& argument = (*siblings)[i];
      const auto taken = [&] {
        return std::any_of(siblings->begin(), siblings->begin() + static_cast<ptrdiff_t>(i),
                           [&](const DocArgument& other) { return other.name == argument.name; });
      };
      if (taken() && !argument.token.empty()) {
        argument.name = NameOf(argument.token) + "-" + argument.name;
      }
      const std::string base = argument.name;
      for (size_t number = 2; taken(); ++number) argument.name = base + std::to_string(number);
    }
  }

  const CommandSpec& spec_;
  bool valid_ = true;
};

void MarkAsKey(DocArgument* argument, int spec_index) {
  while (argument->kind == Kind::kBlock && !argument->arguments.empty()) {
    argument = &argument->arguments[0];
  }
  argument->kind = Kind::kKey;
  argument->key_spec_index = spec_index;
}

// Which argument of the call the spec's first key is; 0 if it has no fixed place.
int FixedKeyPosition(const KeySpec& keys) {
  if (keys.begin != KeySpec::Begin::kIndex || keys.find == KeySpec::Find::kUnknown) return 0;
  return keys.index + (keys.find == KeySpec::Find::kKeyNum ? keys.first_key_at : 0);
}

// The argument that this keyword introduces, alone or as one of several choices.
void MarkBehind(std::string_view keyword, DocArgument* argument, int spec_index) {
  if (argument->token == keyword) return MarkAsKey(argument, spec_index);
  for (DocArgument& part : argument->arguments) MarkBehind(keyword, &part, spec_index);
}

// Says of the arguments with a fixed place, and of those behind a keyword, which are keys.
void MarkKeys(const CommandSpec& spec, std::vector<DocArgument>* arguments) {
  for (size_t s = 0; s < spec.keys.size(); ++s) {
    const KeySpec& keys = spec.keys[s];
    int position = spec.parent.empty() ? 1 : 2;
    for (DocArgument& argument : *arguments) {
      if (keys.begin == KeySpec::Begin::kKeyword) {
        MarkBehind(keys.keyword, &argument, static_cast<int>(s));
        continue;
      }
      if (!argument.token.empty() && argument.kind != Kind::kPureToken) ++position;
      if (position == FixedKeyPosition(keys)) MarkAsKey(&argument, static_cast<int>(s));
      if (argument.optional || argument.multiple || argument.kind == Kind::kBlock) break;
      ++position;
    }
  }
}

std::string Core(const DocArgument& argument, bool with_token);

std::string Shown(const DocArgument& argument) {
  std::string out = Core(argument, true);
  if (argument.multiple && argument.kind != Kind::kOneOf)
    out += " [" + Core(argument, argument.multiple_token) + " ...]";
  return out;
}

std::string Alternatives(const DocArgument& choice) {
  std::string out;
  for (const DocArgument& alternative : choice.arguments) {
    if (!out.empty()) out += " | ";
    out += Shown(alternative);
  }
  return out;
}

// Without brackets around it and without its repetition. A choice is bracketed unless brackets
// follow anyway.
std::string Core(const DocArgument& argument, bool with_token) {
  if (argument.kind == Kind::kPureToken) return argument.token;
  std::string body = argument.display_text;
  if (argument.kind == Kind::kBlock) body = SyntaxText(argument.arguments);
  if (argument.kind == Kind::kOneOf) {
    const bool bare = argument.optional && argument.token.empty();
    body = Alternatives(argument) + (argument.multiple ? " ..." : "");
    if (!bare) body = "<" + body + ">";
  }
  return with_token && !argument.token.empty() ? argument.token + " " + body : body;
}

}  // namespace

std::optional<std::vector<DocArgument>> ParseSyntax(const CommandSpec& spec) {
  const auto sequence = BracketReader(spec.syntax).Whole();
  if (!sequence) return std::nullopt;
  TreeBuilder builder(spec);
  std::vector<DocArgument> arguments = builder.Top(*sequence);
  if (!builder.valid()) return std::nullopt;
  MarkKeys(spec, &arguments);
  return arguments;
}

std::string SyntaxText(const std::vector<DocArgument>& arguments) {
  std::string out;
  for (const DocArgument& argument : arguments) {
    if (!out.empty()) out += ' ';
    const std::string shown = Shown(argument);
    const bool run = argument.kind == Kind::kBlock && !argument.multiple;
    if (argument.optional) {
      out += "[" + shown + "]";
    } else {
      out += run ? "<" + shown + ">" : shown;
    }
  }
  return out;
}

std::string_view DocKindName(DocArgument::Kind kind) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block",
  };
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace torc
