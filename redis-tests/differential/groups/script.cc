#include "redis-tests/differential/groups/groups.h"

namespace torc::differential {

// Random programs, and libraries of one function each: what a library of several shows has no
// order.
Group ScriptGroup() {
  static constexpr Rule kRules[] = {
      {30, "EVAL script 2 key key value value"},
      {10, "EVAL script 1 (skey|lkey|hkey|zkey|ikey) (value|int)"},
      {4, "EVAL script 0"},
      {6, "EVAL_RO script 2 key key value value"},
      {4, "EVAL known_script 1 key value*"},
      {4, "EVALSHA sha 1 key value*"},
      {2, "EVALSHA_RO sha 1 key"},
      {2, "SCRIPT LOAD (script|known_script)"},
      {2, "SCRIPT EXISTS sha+"},
      Unspoiled(1, "SCRIPT FLUSH [SYNC|ASYNC]"),
      {1, "SCRIPT KILL"},
      {6, "FUNCTION LOAD [REPLACE] library"},
      {12, "FCALL function 2 key key value value"},
      {3, "FCALL_RO function 1 key value"},
      {1, "FUNCTION DELETE library_name"},
      Unspoiled(1, "FUNCTION FLUSH [SYNC|ASYNC]"),
      {2, "FUNCTION LIST LIBRARYNAME library_name [WITHCODE]"},
      {1, "FUNCTION STATS"},
      {1, "FUNCTION KILL"},
      Unspoiled(2, "MULTI ; EVAL script 1 skey value ; FCALL function 1 key ; EXEC"),
      Unspoiled(2, "WATCH skey ; EVAL script 1 samekey value ; MULTI ; GET samekey ; EXEC"),
      {1, "DEL key+"},
  };
  return {"script", 3, kRules};
}

}  // namespace torc::differential
