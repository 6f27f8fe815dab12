// COMMAND DOCS: what a command is for, and its arguments as a tree.

#include <string>
#include <vector>

#include "command/context.h"
#include "command/doc_syntax.h"
#include "features/admin/admin_commands.h"

namespace torc {
namespace {

// Counts the pairs of a map while they are written.
class MapReply {
 public:
  explicit MapReply(ReplyWriter& reply) : reply_(reply), mark_(reply.MapLater()) {}
  ~MapReply() { reply_.CloseMap(mark_, pairs_); }
  MapReply(const MapReply&) = delete;
  MapReply& operator=(const MapReply&) = delete;

  // The value is written by the caller next.
  void Key(std::string_view name) {
    reply_.Bulk(name);
    ++pairs_;
  }
  void Text(std::string_view name, std::string_view value) {
    Key(name);
    reply_.Bulk(value);
  }
  void TextIfAny(std::string_view name, std::string_view value) {
    if (!value.empty()) Text(name, value);
  }
  // A set of status words, left out if empty.
  void WordsIfAny(std::string_view name, const std::vector<std::string_view>& words) {
    if (words.empty()) return;
    Key(name);
    reply_.Set(words.size());
    for (const std::string_view word : words) reply_.SimpleString(word);
  }

 private:
  ReplyWriter& reply_;
  size_t mark_;
  size_t pairs_ = 0;
};

void ReplyArguments(ReplyWriter& reply, const std::vector<DocArgument>& arguments) {
  reply.Array(arguments.size());
  for (const DocArgument& argument : arguments) {
    MapReply map(reply);
    map.Text("name", argument.name);
    map.Text("type", DocKindName(argument.kind));
    map.TextIfAny("display_text", argument.display_text);
    if (argument.key_spec_index >= 0) {
      map.Key("key_spec_index");
      reply.Integer(argument.key_spec_index);
    }
    map.TextIfAny("token", argument.token);
    std::vector<std::string_view> flags;
    if (argument.optional) flags.push_back("optional");
    if (argument.multiple) flags.push_back("multiple");
    if (argument.multiple_token) flags.push_back("multiple_token");
    map.WordsIfAny("flags", flags);
    if (!argument.arguments.empty()) {
      map.Key("arguments");
      ReplyArguments(reply, argument.arguments);
    }
  }
}

void ReplyDocs(ReplyWriter& reply, const Command& command) {
  const CommandSpec& spec = command.spec;
  MapReply map(reply);
  map.Text("summary", spec.summary);
  map.TextIfAny("since", spec.since);
  map.Text("group", GroupName(spec.group));
  map.TextIfAny("complexity", spec.complexity);
  std::vector<std::string_view> flags;
  if (!spec.deprecated_since.empty()) flags.push_back("deprecated");
  if (command.Has(kSystemCommand)) flags.push_back("syscmd");
  map.WordsIfAny("doc_flags", flags);
  map.TextIfAny("deprecated_since", spec.deprecated_since);
  map.TextIfAny("replaced_by", spec.replaced_by);
  const auto arguments = ParseSyntax(spec);
  if (arguments && !arguments->empty()) {
    map.Key("arguments");
    ReplyArguments(reply, *arguments);
  }
  if (command.subcommands.empty()) return;
  map.Key("subcommands");
  reply.Map(command.subcommands.size());
  for (const Command* sub : command.subcommands) {
    reply.Bulk(sub->full_name);
    ReplyDocs(reply, *sub);
  }
}

void CommandDocs(CommandContext& context, ArgCursor args) {
  MapReply map(context.reply);
  const auto add = [&](const Command& command) {
    map.Key(command.full_name);
    ReplyDocs(context.reply, command);
  };
  if (args.AtEnd()) {
    for (const Command& command : context.services.commands->all()) {
      if (command.container == nullptr && !command.hidden()) add(command);
    }
  }
  while (!args.AtEnd()) {
    const Command* command = context.services.commands->FindFull(args.Next());
    if (command != nullptr) add(*command);
  }
}

constexpr CommandSpec kCommandDocs = {.name = "docs",
                                      .parent = "command",
                                      .arity = AtLeast(2),
                                      .group = Group::kServer,
                                      .since = "7.0.0",
                                      .flags = kLoading | kStale,
                                      .acl = kAclConnection,
                                      .syntax = "[command-name [command-name ...]]",
                                      .complexity = "O(N) with N the number of commands asked for",
                                      .summary = "Explains some commands, or all, to people.",
                                      .tips = "NONDETERMINISTIC_OUTPUT_ORDER"};

}  // namespace

void RegisterCommandDocsCommands(CommandRegistry& registry) {
  registry.Add(kCommandDocs, CommandDocs);
}

}  // namespace torc
