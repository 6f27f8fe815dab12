#include "features/scripting/running_commands.h"

#include "command/context.h"
#include "features/scripting/scripting.h"

namespace torc {

void KillRunning(CommandContext& context, ScriptIdentity::Kind kind) {
  ScriptRun* const run = context.services.scripting->running();
  if (run == nullptr) {
    return context.reply.Error("NOTBUSY No scripts in execution right now.");
  }
  if (run->identity().kind != kind) return context.reply.Error(run->busy_text());
  if (run->Kill() == ScriptRun::KillAnswer::kKilled) return context.reply.Ok();
  context.reply.Error(
      "UNKILLABLE Sorry the script already executed write commands against the dataset. You can "
      "either wait the script termination or kill the server in a hard way using the SHUTDOWN "
      "NOSAVE command.");
}

}  // namespace torc
