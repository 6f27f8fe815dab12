#pragma once

// Between Redis's replies and Lua's values, by Redis's rules: an integer is a number, a bulk string
// a string, an array a table, a status {ok = …}, an error {err = …}; nil is false under RESP2 and
// nil under RESP3, which adds {map = …}, {set = …}, {double = …}, {big_number = …} and
// {verbatim_string = …}.

#include <string_view>

#include "resp/reply_writer.h"

struct lua_State;

namespace torc {

// Pushes the value of one whole reply of our own. Only within a Grace.
void PushReply(lua_State* lua, std::string_view reply);

// Replies with the value on the stack's top, which is popped. `script_protocol` is what the script
// chose by redis.setresp. Only within a Grace.
void ReplyWithValue(lua_State* lua, ReplyWriter& reply, int script_protocol);

}  // namespace torc
