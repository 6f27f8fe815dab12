# Everyday work through redis-rb, on the server that listens at TORC_TEST_PORT. Started by ecosystem_test.py.
require "redis"

PORT = Integer(ENV.fetch("TORC_TEST_PORT"))
Redis.sadd_returns_boolean = false
$redis = Redis.new(port: PORT)

def check(name)
  $redis.flushall
  yield
  puts "ok #{name}"
end

def expect(found, wanted)
  raise "found #{found.inspect} where #{wanted.inspect} was expected" unless found == wanted
end

check "values and times" do
  expect $redis.set("k", "\x00\xff".b, ex: 100, nx: true), true
  expect $redis.set("k", "other", nx: true), false
  expect $redis.get("k").b, "\x00\xff".b
  expect $redis.ttl("k").between?(1, 100), true
  expect $redis.incrbyfloat("f", 1.5), 1.5
  $redis.mapped_mset("a" => "1", "b" => "2")
  expect $redis.mapped_mget("a", "b", "c"), { "a" => "1", "b" => "2", "c" => nil }
end

check "structures" do
  $redis.mapped_hmset("h", { "a" => "1", "b" => "2" })
  expect $redis.hgetall("h"), { "a" => "1", "b" => "2" }
  $redis.zadd("z", [[1, "one"], [2, "two"]])
  expect $redis.zrange("z", 0, -1, with_scores: true), [["one", 1.0], ["two", 2.0]]
  $redis.rpush("l", %w[a b c])
  expect $redis.lrange("l", 0, -1), %w[a b c]
  expect $redis.sadd("s", %w[x y]), 2
  id = $redis.xadd("x", { "f" => "v" })
  expect $redis.xrange("x"), [[id, { "f" => "v" }]]
  expect $redis.scan_each(match: "?").to_a.sort, %w[h l s x z]
end

check "pipelines and errors in them" do
  replies = $redis.pipelined { |p| 1000.times { p.incr("n") } }
  expect replies.last, 1000
  begin
    $redis.pipelined { |p| p.set("k", "v"); p.incr("k") }
    raise "no error came"
  rescue Redis::CommandError => error
    expect error.message, "ERR value is not an integer or out of range"
  end
end

check "a watched counter under contention" do
  threads = Array.new(4) do
    Thread.new do
      client = Redis.new(port: PORT)
      25.times do
        until client.watch("n") { n = client.get("n").to_i; client.multi { |m| m.set("n", n + 1) } }
        end
      end
      client.close
    end
  end
  threads.each(&:join)
  expect $redis.get("n"), "100"
end

check "scripts" do
  sha = $redis.script(:load, "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
  expect $redis.evalsha(sha, keys: ["n"], argv: ["a"]), ["n", "a", 1]
  begin
    $redis.evalsha("0" * 40)
    raise "no error came"
  rescue Redis::CommandError => error
    expect error.message.start_with?("NOSCRIPT"), true
  end
end

check "publish and subscribe" do
  heard = []
  listener = Thread.new do
    Redis.new(port: PORT).subscribe("news") do |on|
      on.message { |_, text| heard << text; throw :over if text == "end" }
    end
  rescue UncaughtThrowError
    nil
  end
  Thread.pass until $redis.pubsub(:numsub, "news")[1] == 1
  $redis.publish("news", "hello")
  $redis.publish("news", "end")
  expect listener.join(10).nil?, false
  expect heard, %w[hello end]
end

check "waiting for an element" do
  waiter = Thread.new { Redis.new(port: PORT).blpop("l", timeout: 10) }
  Thread.pass until $redis.info("clients")["blocked_clients"] == "1"
  $redis.rpush("l", "v")
  expect waiter.value, ["l", "v"]
  expect $redis.brpop("nothing", timeout: 0.05), nil
end

check "a killed connection is made again" do
  other = Redis.new(port: PORT, reconnect_attempts: 2)
  $redis.client(:kill, "ID", other.call("CLIENT", "ID"))
  expect other.ping, "PONG"
end
puts "done"
