// ACL CAT, DRYRUN, LOG, GENPASS.

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "command/access.h"
#include "command/context.h"
#include "features/acl/acl_commands.h"
#include "resp/errors.h"

namespace torc {
namespace {

void ReplyTooMany(CommandContext& context) {
  context.reply.Error("ERR unknown subcommand or wrong number of arguments for '" +
                      std::string(context.argv[1]) + "'. Try ACL HELP.");
}

void ReplyWords(ReplyWriter& reply, const std::vector<std::string_view>& words) {
  reply.Array(words.size());
  for (const std::string_view word : words) reply.Bulk(word);
}

void Cat(CommandContext& context, ArgCursor args) {
  if (args.remaining() > 1) return ReplyTooMany(context);
  std::vector<std::string_view> words;
  if (args.AtEnd()) {
    for (const std::string_view name : AclCategoryNames(~uint32_t{0})) {
      words.push_back(name.substr(1));
    }
    return ReplyWords(context.reply, words);
  }
  const std::string_view category = args.Next();
  const auto all = AclCategoryNames(~uint32_t{0});
  if (std::none_of(all.begin(), all.end(), [&](std::string_view name) {
        return EqualsIgnoreCase(name.substr(1), category);
      })) {
    return context.reply.Error("ERR Unknown category '" + std::string(errors::ShownText(category)) +
                               "'");
  }
  for (const Command& command : context.services.commands->all()) {
    const auto names = AclCategoryNames(command.acl_categories);
    if (std::any_of(names.begin(), names.end(), [&](std::string_view name) {
          return EqualsIgnoreCase(name.substr(1), category);
        })) {
      words.emplace_back(command.full_name);
    }
  }
  ReplyWords(context.reply, words);
}
constexpr CommandSpec kCat =
    AclSpec("cat", AtLeast(2), 0, "[category]", "O(N) with N the number of commands",
            "Lists the categories of commands, or the commands of one.");

bool ArityFits(const Command& command, size_t argc) {
  const auto count = static_cast<int64_t>(argc);
  const int arity = command.spec.arity.value;
  return arity >= 0 ? count == arity : count >= -arity;
}

void DryRun(CommandContext& context, ArgCursor args) {
  const std::string_view name = args.Next();
  const AclUser* user = context.services.access->users.Find(name);
  if (user == nullptr) {
    return context.reply.Error("ERR User '" + std::string(errors::ShownText(name)) + "' not found");
  }
  const Argv call = args.Rest();
  const Command* command = context.services.commands->Find(call[0]);
  if (command != nullptr && !command->subcommands.empty() && call.size() > 1) {
    command = CommandRegistry::FindSub(*command, call[1]);
  }
  if (command == nullptr) {
    return context.reply.Error("ERR Command '" + std::string(errors::ShownText(call[0])) +
                               "' not found");
  }
  if (!ArityFits(*command, call.size())) {
    return context.reply.Error(errors::WrongArgumentCount(command->full_name));
  }
  AclCall checked(*command, call);
  const AclVerdict verdict = user->Check(checked);
  if (verdict.allowed()) return context.reply.Ok();
  context.reply.Bulk(RefusalText(verdict, *user, *command, call, true));
}
constexpr CommandSpec DryRunSpec() {
  CommandSpec spec = AclSpec("dryrun", AtLeast(4), kAdmin, "username command [arg [arg ...]]",
                             "O(1)", "Answers whether a user may run a command.");
  spec.since = "7.0.0";
  return spec;
}
constexpr CommandSpec kDryRun = DryRunSpec();

void ReplyEntry(CommandContext& context, const AclLogEntry& entry) {
  constexpr std::string_view kReasons[] = {"command", "key", "channel", "auth"};
  constexpr std::string_view kContexts[] = {"toplevel", "multi", "lua"};
  ReplyWriter& reply = context.reply;
  reply.Map(10);
  reply.Bulk("count");
  reply.Integer(static_cast<int64_t>(entry.count));
  reply.Bulk("reason");
  reply.Bulk(kReasons[static_cast<size_t>(entry.reason)]);
  reply.Bulk("context");
  reply.Bulk(kContexts[static_cast<size_t>(entry.context)]);
  reply.Bulk("object");
  reply.Bulk(entry.object);
  reply.Bulk("username");
  reply.Bulk(entry.user);
  reply.Bulk("age-seconds");
  reply.Double(static_cast<double>(context.now.value() - entry.updated_unix_ms) / 1000);
  reply.Bulk("client-info");
  reply.Bulk(entry.client_line);
  reply.Bulk("entry-id");
  reply.Integer(static_cast<int64_t>(entry.id));
  reply.Bulk("timestamp-created");
  reply.Integer(entry.created_unix_ms);
  reply.Bulk("timestamp-last-updated");
  reply.Integer(entry.updated_unix_ms);
}

void Log(CommandContext& context, ArgCursor args) {
  constexpr int64_t kCountByDefault = 10;
  if (args.remaining() > 1) return ReplyTooMany(context);
  AclLog& log = context.services.access->log;
  if (args.Take("RESET")) {
    log.Reset();
    return context.reply.Ok();
  }
  const int64_t count = args.AtEnd() ? kCountByDefault : args.Integer();
  if (!args.Done(context.reply)) return;
  const auto entries = log.Newest(static_cast<size_t>(std::max<int64_t>(count, 0)));
  context.reply.Array(entries.size());
  for (const AclLogEntry& entry : entries) ReplyEntry(context, entry);
}
constexpr CommandSpec kLog = AclSpec(
    "log", AtLeast(2), kAdmin, "[count | RESET]", "O(N) with N the number of entries answered",
    "Answers what was refused lately, and to whom; or forgets it.");

void GenPass(CommandContext& context, ArgCursor args) {
  constexpr int64_t kBitsMax = 4096;
  constexpr int64_t kBitsByDefault = 256;
  if (args.remaining() > 1) return ReplyTooMany(context);
  int64_t bits = kBitsByDefault;
  if (!args.AtEnd()) bits = args.Integer();
  if (args.ok() && (bits <= 0 || bits > kBitsMax)) {
    args.Fail(
        "ERR ACL GENPASS argument must be the number of bits for the output password, a positive "
        "number up to 4096");
  }
  if (args.ok() && context.services.entropy == nullptr) {
    args.Fail("ERR this engine was given no source of randomness");
  }
  if (!args.Done(context.reply)) return;
  const auto digits = static_cast<size_t>((bits + 3) / 4);
  std::string password;
  while (password.size() < digits) {
    password +=
        Format("%016llx", static_cast<unsigned long long>(context.services.entropy->Seed()));
  }
  context.reply.Bulk(std::string_view(password).substr(0, digits));
}
constexpr CommandSpec kGenPass =
    AclSpec("genpass", AtLeast(2), 0, "[bits]", "O(1)", "Makes a password that nobody can guess.");

}  // namespace

void RegisterAclCheckCommands(CommandRegistry& registry) {
  registry.Add(kCat, Cat);
  registry.Add(kDryRun, DryRun);
  registry.Add(kLog, Log);
  registry.Add(kGenPass, GenPass);
}

}  // namespace torc
