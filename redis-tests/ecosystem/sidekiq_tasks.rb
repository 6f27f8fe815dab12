# Sidekiq with a real process that works: jobs, retries, schedules, the web page's numbers. On the server that listens
# at TORC_TEST_PORT; started by ecosystem_test.py. The Sidekiq process loads this same file for its jobs.
require "sidekiq"
require "sidekiq/api"

PORT = Integer(ENV.fetch("TORC_TEST_PORT"))
Sidekiq.configure_client { |config| config.redis = { url: "redis://127.0.0.1:#{PORT}/0" } }
Sidekiq.configure_server do |config|
  config.redis = { url: "redis://127.0.0.1:#{PORT}/0" }
  config.logger.level = Logger::ERROR
  # Due jobs are looked for every few seconds, which a test does not want to wait for.
  config.options[:poll_interval_average] = 0.2
end

Redis.silence_deprecations = true
def redis(&block) = Sidekiq.redis(&block)

class Sum
  include Sidekiq::Worker
  def perform(n) = Sidekiq.redis { |r| r.incrby("sum", n) }
end

class Fragile
  include Sidekiq::Worker
  sidekiq_options retry: 5
  sidekiq_retry_in { |_| 1 }
  def perform(name) = Sidekiq.redis { |r| raise "as it should" if r.incr(name) < 2 }
end

class Hopeless
  include Sidekiq::Worker
  sidekiq_options retry: 0
  def perform = raise("as it should")
end

class Urgent
  include Sidekiq::Worker
  sidekiq_options queue: "urgent"
  def perform = Sidekiq.redis { |r| r.incr("urgent done") }
end

if $PROGRAM_NAME == __FILE__
  def expect(found, wanted)
    raise "found #{found.inspect} where #{wanted.inspect} was expected" unless found == wanted
  end

  def wait(what)
    deadline = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 30
    until yield
      raise "waited in vain: #{what}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > deadline
      sleep 0.02 # one step of a bounded poll
    end
    puts "ok #{what}"
  end

  redis(&:flushall)
  worker = spawn("sidekiq", "--require", File.expand_path(__FILE__), "--concurrency", "4",
                 "--queue", "urgent,3", "--queue", "default", chdir: __dir__, out: $stderr)
  begin
    100.times { |n| Sum.perform_async(n) }
    Sidekiq::Client.push_bulk("class" => Sum, "args" => Array.new(100) { |n| [n] })
    wait("two hundred jobs, each once") { redis { |r| r.get("sum") } == "9900" && Sidekiq::Queue.new.size.zero? }
    Urgent.perform_async
    wait("a queue of its own") { redis { |r| r.get("urgent done") } == "1" }
    Fragile.perform_async("runs")
    wait("a job is tried again") { redis { |r| r.get("runs") } == "2" && Sidekiq::RetrySet.new.size.zero? }
    Hopeless.perform_async
    later = Sum.perform_in(3600, 1)
    soon = Sum.perform_in(0.3, 100)
    wait("a scheduled job runs when it is due") { redis { |r| r.get("sum") } == "10000" }
    expect soon.nil?, false
    scheduled = Sidekiq::ScheduledSet.new
    expect scheduled.map(&:jid), [later]
    scheduled.find_job(later).delete
    expect scheduled.size, 0
    wait("failures are counted") { Sidekiq::Stats.new.failed >= 2 }
    wait("the process says that it lives") { Sidekiq::ProcessSet.new.size == 1 }
    stats = Sidekiq::Stats.new
    expect stats.enqueued, 0
    expect stats.processed >= 204, true
    expect Sidekiq::ProcessSet.new.first["queues"].sort, %w[default urgent]
  ensure
    Process.kill("TERM", worker)
    Process.wait(worker)
  end
  expect $?.exitstatus, 0
  expect Sidekiq::ProcessSet.new.size, 0
  puts "done"
end
