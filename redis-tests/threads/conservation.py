#!/usr/bin/env python3
"""Many clients move money between accounts in every way that must not lose any; others count it all the time.

    conservation.py --server build/dev/src/torc-server --seconds 600 --server-arg=--threads --server-arg=4

Accounts are strings, members of sorted sets and fields of hashes, each under a key of its own that may lie on any shard; coins are
elements of lists. Money moves by transactions, by scripts that name their keys and by one that makes their names up, by a
function, and by WATCH, a look and a transaction, again and again until nobody was faster. Some clients leave in the middle
of it. Auditors add everything up with one script, one transaction, or (of the strings) one MGET, and must always find the same
total; and no account may be below zero, for whoever takes looks first. Prints the seed, and how much was done in which
way; exits with 1 when money was lost or made, or a way was never used.
"""

import collections
import sys
import time

from crowd import Failure, Worker, failures_of, parse_arguments, run_crowd
from durability import Client
from server_under_test import Server

ACCOUNTS = 12  # of each kind
OPENING = 1000
COINS = 40

STRINGS = ["account:%d" % i for i in range(ACCOUNTS)]
HASHES = ["purse:%d" % i for i in range(ACCOUNTS)]
ZSETS = ["score:%d" % i for i in range(ACCOUNTS)]
LISTS = ["coins:%d" % i for i in range(ACCOUNTS)]
TOTAL = 3 * ACCOUNTS * OPENING + ACCOUNTS * COINS

# KEYS: two strings. ARGV: the amount.
MOVE = """
local have = tonumber(redis.call('GET', KEYS[1]))
if have < tonumber(ARGV[1]) then return 0 end
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[2], ARGV[1])
return 1"""

# No keys. ARGV: two numbers of accounts, the amount. From a purse to a score, under names made here.
MOVE_UNDECLARED = """
local from, to = 'purse:' .. ARGV[1], 'score:' .. ARGV[2]
if tonumber(redis.call('HGET', from, 'money')) < tonumber(ARGV[3]) then return 0 end
redis.call('HINCRBY', from, 'money', -ARGV[3])
redis.call('ZINCRBY', to, ARGV[3], 'money')
return 1"""

LIBRARY = """#!lua name=bank
redis.register_function('move_back', function(keys, args)
  if tonumber(redis.call('ZSCORE', keys[1], 'money')) < tonumber(args[1]) then return 0 end
  redis.call('ZINCRBY', keys[1], -args[1], 'money')
  redis.call('HINCRBY', keys[2], 'money', args[1])
  return 1
end)"""

# ARGV: how many accounts of each kind there are. The total, and the lowest balance.
AUDIT = """
local sum, lowest = 0, 0
local function add(text)
  local number = tonumber(text)
  sum = sum + number
  if number < lowest then lowest = number end
end
for i = 0, ARGV[1] - 1 do
  add(redis.call('GET', 'account:' .. i))
  add(redis.call('HGET', 'purse:' .. i, 'money'))
  add(redis.call('ZSCORE', 'score:' .. i, 'money'))
  sum = sum + redis.call('LLEN', 'coins:' .. i)
end
return {sum, lowest}"""


class Teller(Worker):
    patience = 240  # on a busy machine everything may stand still for a while

    def ask(self, *words):
        return self.batch([words])[0]


class Payer(Teller):
    def step(self):
        ways = [self.by_transaction, self.by_script, self.by_undeclared_script, self.by_function, self.by_watch,
                self.by_list]
        if self.random.random() < 0.01:
            return self.leave_in_the_middle()
        return self.random.choice(ways)()

    def by_transaction(self):
        # Between purses: what the one loses the other gets, and nobody looks in between. Below zero it is taken back.
        amount = self.random.randrange(1, 20)
        source, target = self.random.sample(HASHES, 2)
        there = [["HINCRBY", source, "money", -amount], ["HINCRBY", target, "money", amount]]
        back = [["HINCRBY", target, "money", -amount], ["HINCRBY", source, "money", amount]]
        left = self.batch([["MULTI"], *there, *back, ["EXEC"]])[-1]
        if left[1] - left[2] != amount or left[3] - left[0] != amount:
            raise Failure("a transaction was disturbed: %r" % left)
        self.done["transaction"] += 1

    def by_script(self):
        source, target = self.random.sample(STRINGS, 2)
        self.done["script"] += self.ask("EVAL", MOVE, 2, source, target, self.random.randrange(1, 50))

    def by_undeclared_script(self):
        self.done["undeclared script"] += self.ask("EVAL", MOVE_UNDECLARED, 0, self.random.randrange(ACCOUNTS),
                                                   self.random.randrange(ACCOUNTS), self.random.randrange(1, 50))

    def by_function(self):
        self.done["function"] += self.ask("FCALL", "move_back", 2, self.random.choice(ZSETS),
                                          self.random.choice(HASHES), self.random.randrange(1, 50))

    def by_watch(self):
        amount = self.random.randrange(1, 50)
        source, target = self.random.sample(STRINGS + ZSETS, 2)

        def look(key):
            return ["GET", key] if key in STRINGS else ["ZSCORE", key, "money"]

        def put(key, money):
            return ["SET", key, money] if key in STRINGS else ["ZADD", key, money, "money"]

        while time.monotonic() < self.deadline:
            _, have, other = self.batch([["WATCH", source, target], look(source), look(target)])
            have, other = int(float(have)), int(float(other))
            if have < amount:
                self.ask("UNWATCH")
                return
            commands = [["MULTI"], put(source, have - amount), put(target, other + amount), ["EXEC"]]
            if self.batch(commands)[-1] is not None:
                self.done["watch"] += 1
                return
            self.done["watch, again"] += 1

    def by_list(self):
        source, target, third = self.random.sample(LISTS, 3)
        self.batch([["MULTI"], ["LMOVE", source, target, "LEFT", "RIGHT"], ["RPOPLPUSH", target, third], ["EXEC"]])
        self.ask("LMOVE", source, third, "RIGHT", "LEFT")
        self.done["list"] += 1

    def leave_in_the_middle(self):
        source, target = self.random.sample(STRINGS, 2)
        commands = [["WATCH", source], ["MULTI"], ["DECRBY", source, 5], ["INCRBY", target, 5]]
        self.client.send([[str(word).encode() for word in words] for words in commands])
        if self.random.random() < 0.5:
            self.client.reply()
        self.client.file.close()
        self.client.socket.close()
        self.client = self.connect()
        self.done["left"] += 1


class Auditor(Teller):
    def step(self):
        how = self.random.randrange(3)
        if how == 0:
            total, lowest = self.ask("EVAL_RO", AUDIT, 0, ACCOUNTS)
            if lowest < 0:
                raise Failure("an account is at %d" % lowest)
        elif how == 1:
            commands = [["GET", key] for key in STRINGS] + [["HGET", key, "money"] for key in HASHES]
            commands += [["ZSCORE", key, "money"] for key in ZSETS] + [["LLEN", key] for key in LISTS]
            total = sum(int(float(value)) for value in self.batch([["MULTI"], *commands, ["EXEC"]])[-1])
        else:
            balances = self.ask("MGET", *STRINGS)
            if any(int(balance) < 0 for balance in balances):
                raise Failure("an account is below zero: %r" % balances)
            self.done["audit of strings"] += 1
            return
        self.done["audit"] += 1
        if total != TOTAL:
            raise Failure("there were %d, now there are %d" % (TOTAL, total))


def open_accounts(client):
    for i in range(ACCOUNTS):
        client.ask("SET", STRINGS[i], str(OPENING))
        client.ask("HSET", HASHES[i], "money", str(OPENING))
        client.ask("ZADD", ZSETS[i], str(OPENING), "money")
        client.ask("RPUSH", LISTS[i], *["coin%d" % number for number in range(COINS)])
    client.ask("FUNCTION", "LOAD", "REPLACE", LIBRARY)


def main():
    options = parse_arguments(__doc__)
    server = Server(options.server, *options.server_arg)
    try:
        open_accounts(Client(server.port))
        workers = run_crowd([Payer, Payer, Auditor], server.port, options, 2 * Teller.patience, "LOST")
        if workers is None:
            return 1
        done = sum((worker.done for worker in workers), collections.Counter())
        print(", ".join("%s %d" % pair for pair in sorted(done.items())))
        total, lowest = Auditor(server.port, len(workers), options.seed, 0).ask("EVAL", AUDIT, "0", str(ACCOUNTS))
        print("total %d of %d, lowest balance %d" % (total, TOTAL, lowest))
        unused = [way for way in ("transaction", "script", "undeclared script", "function", "watch", "watch, again", "list",
                                 "audit")
                  if done[way] == 0]
        if unused:
            print("never done: %s" % ", ".join(unused))
        return 1 if failures_of(workers) or unused or total != TOTAL or lowest < 0 else 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
