<?php
// Everyday work in PHP, on the server that listens at TORC_TEST_PORT: the extension php-redis, Predis, Symfony's cache,
// Laravel's cache, locks and queue. Started by ecosystem_test.py; the argument names the part to run.

use Illuminate\Cache\RedisStore;
use Illuminate\Cache\Repository;
use Illuminate\Container\Container;
use Illuminate\Queue\Capsule\Manager as QueueManager;
use Illuminate\Queue\RedisQueue;
use Illuminate\Redis\RedisManager;
use Symfony\Component\Cache\Adapter\RedisAdapter;
use Symfony\Component\Cache\Adapter\RedisTagAwareAdapter;
use Symfony\Contracts\Cache\ItemInterface;

error_reporting(E_ALL & ~E_DEPRECATED);
set_error_handler(function (int $level, string $text) {
    if (!(error_reporting() & $level)) return false;
    throw new ErrorException($text);
});
const HOST = '127.0.0.1';
define('PORT', (int) getenv('TORC_TEST_PORT'));

function expect($found, $wanted): void {
    if ($found !== $wanted) {
        throw new Exception('found ' . var_export($found, true) . ' where ' . var_export($wanted, true) . ' was expected');
    }
}

function extension(int $database = 0): Redis {
    $redis = new Redis();
    $redis->connect(HOST, PORT, 5);
    $redis->select($database);
    return $redis;
}

function predis(): Predis\Client {
    require_once 'Predis/autoload.php';
    return new Predis\Client(['host' => HOST, 'port' => PORT]);
}

function check(string $name, callable $body): void {
    extension()->flushAll();
    $body();
    fwrite(STDOUT, "ok $name\n");  // no output of the page, so that a session can still begin
}

function phpredis(): void {
    check('values, times, structures', function () {
        $redis = extension();
        expect($redis->set('k', "\x00\xff", ['nx', 'ex' => 100]), true);
        expect($redis->set('k', 'other', ['nx']), false);
        expect($redis->get('k'), "\x00\xff");
        expect($redis->mGet(['k', 'none']), ["\x00\xff", false]);
        expect($redis->incrByFloat('f', 1.5), 1.5);
        $redis->hMSet('h', ['a' => '1', 'b' => '2']);
        expect($redis->hGetAll('h'), ['a' => '1', 'b' => '2']);
        $redis->zAdd('z', 1, 'one', 2.5, 'two');
        expect($redis->zRange('z', 0, -1, true), ['one' => 1.0, 'two' => 2.5]);
        $id = $redis->xAdd('x', '*', ['f' => 'v']);
        expect($redis->xRange('x', '-', '+'), [$id => ['f' => 'v']]);
        expect($redis->object('encoding', 'h'), 'listpack');
    });
    check('serialised values and prefixes', function () {
        $redis = extension();
        $redis->setOption(Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP);
        $redis->setOption(Redis::OPT_PREFIX, 'site:');
        $value = ['list' => [1, 2.5, null], 'text' => 'wört'];
        $redis->set('k', $value);
        expect($redis->get('k'), $value);
        expect($redis->keys('*'), ['site:k']);
    });
    check('a scan sees every key', function () {
        $redis = extension();
        $redis->setOption(Redis::OPT_SCAN, Redis::SCAN_RETRY);
        $redis->mSet(array_combine(array_map(fn($i) => "key:$i", range(1, 500)), range(1, 500)));
        $seen = [];
        $cursor = null;
        while ($keys = $redis->scan($cursor, 'key:*', 50)) $seen += array_flip($keys);
        expect(count($seen), 500);
    });
    check('pipelines, transactions, a watched key', function () {
        $redis = extension();
        $replies = $redis->pipeline()->set('k', 'v')->incr('k')->get('k')->exec();
        expect($replies, [true, false, 'v']);
        expect($redis->multi()->set('n', '1')->incr('n')->exec(), [true, 2]);
        $redis->watch('n');
        extension()->incr('n');
        expect($redis->multi()->set('n', '0')->exec(), false);
    });
    check('scripts', function () {
        $redis = extension();
        $sha = $redis->script('load', "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}");
        expect($redis->evalSha($sha, ['n', 'a'], 1), ['n', 'a', 1]);
        expect($redis->evalSha(str_repeat('0', 40)), false);
        expect(str_starts_with($redis->getLastError(), 'NOSCRIPT'), true);
    });
    check('sessions of PHP, with locks', function () {
        ini_set('session.save_handler', 'redis');
        ini_set('session.save_path', 'tcp://' . HOST . ':' . PORT);
        ini_set('redis.session.locking_enabled', '1');
        ini_set('session.use_cookies', '0');
        ini_set('session.cache_limiter', '');
        session_id('visitor1');
        for ($visit = 1; $visit <= 3; ++$visit) {
            session_start();
            $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
            session_write_close();
        }
        expect($_SESSION['visits'], 3);
        expect(extension()->keys('*'), ['PHPREDIS_SESSION:visitor1']);
        session_start();
        session_destroy();
        expect(extension()->dbSize(), 0);
    });
}

function predis_part(): void {
    check('values and structures', function () {
        $redis = predis();
        expect((string) $redis->set('k', 'v', 'EX', 100), 'OK');
        expect($redis->get('k'), 'v');
        expect($redis->mget(['k', 'none']), ['v', null]);
        $redis->hmset('h', ['a' => '1']);
        expect($redis->hgetall('h'), ['a' => '1']);
        expect($redis->zadd('z', ['one' => 1, 'two' => 2]), 2);
        expect(iterator_to_array(new Predis\Collection\Iterator\SortedSetKey($redis, 'z')), ['one' => 1.0, 'two' => 2.0]);
        expect($redis->info('server')['Server']['redis_mode'], 'standalone');
    });
    check('pipelines and transactions', function () {
        $redis = predis();
        $replies = $redis->pipeline(function ($pipe) { for ($i = 0; $i < 500; ++$i) $pipe->incr('n'); });
        expect(end($replies), 500);
        $replies = $redis->transaction(['cas' => true, 'watch' => 'n', 'retry' => 3], function ($tx) {
            $n = $tx->get('n');
            $tx->multi();
            $tx->set('n', $n + 1);
        });
        expect((string) $replies[0], 'OK');
        expect($redis->get('n'), '501');
    });
    check('errors and scripts', function () {
        $redis = predis();
        $redis->set('k', 'v');
        try {
            $redis->incr('k');
            throw new Exception('no error came');
        } catch (Predis\Response\ServerException $error) {
            expect($error->getErrorType(), 'ERR');
        }
        expect($redis->eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, 'n', 5), 5);
    });
}

function symfony(): void {
    require_once 'Symfony/Component/Cache/autoload.php';
    foreach (['the extension' => fn() => extension(), 'Predis' => fn() => predis()] as $name => $connect) {
        check("a cache over $name", function () use ($connect) {
            $cache = new RedisAdapter($connect(), 'app', 100);
            $computed = 0;
            for ($i = 0; $i < 3; ++$i) {
                $value = $cache->get('page', function (ItemInterface $item) use (&$computed) {
                    $item->expiresAfter(50);
                    return ['rendered' => ++$computed];
                });
            }
            expect($value, ['rendered' => 1]);
            foreach (range(1, 100) as $i) $cache->saveDeferred($cache->getItem("k$i")->set($i));
            expect($cache->commit(), true);
            $items = iterator_to_array($cache->getItems(['k1', 'k100', 'none']));
            expect([$items['k100']->get(), $items['none']->isHit()], [100, false]);
            expect($cache->deleteItems(['k1', 'k2']), true);
            expect($cache->hasItem('k1'), false);
            expect($cache->clear(), true);
            expect($cache->hasItem('k3'), false);
        });
    }
    check('tags invalidate what carries them', function () {
        // With tags, Symfony wants a policy that evicts nothing or only what has a time to live.
        $cache = new RedisTagAwareAdapter(extension(), 'tagged');
        foreach (range(1, 20) as $i) {
            $cache->get("post$i", function (ItemInterface $item) use ($i) {
                $item->tag($i % 2 ? ['odd', 'posts'] : ['posts']);
                return $i;
            });
        }
        expect($cache->invalidateTags(['odd']), true);
        expect([$cache->hasItem('post1'), $cache->hasItem('post2')], [false, true]);
        expect($cache->invalidateTags(['posts']), true);
        expect($cache->hasItem('post2'), false);
    });
}

class Job {
    public function fire($job, array $data): void {
        $redis = extension();
        if ($data['failures'] >= $job->attempts()) {
            $job->release();
            return;
        }
        $redis->incrBy('sum', $data['n']);
        $job->delete();
    }
}

function laravel(): void {
    foreach (['Redis', 'Cache', 'Queue', 'Container', 'Support'] as $part) {
        require_once "Illuminate/$part/autoload.php";
    }
    require_once 'Predis/autoload.php';
    foreach (['phpredis', 'predis'] as $client) {
        $server = ['host' => HOST, 'port' => PORT, 'database' => 0];
        $manager = fn() => new RedisManager(new Container(), $client, ['default' => $server]);
        check("Laravel's cache over $client", function () use ($manager) {
            $store = new RedisStore($manager(), 'app:');
            $cache = new Repository($store);
            expect($cache->put('k', ['a' => 1], 100), true);
            expect($cache->get('k'), ['a' => 1]);
            expect($cache->add('k', 2, 100), false);
            expect($cache->add('new', 2, 100), true);
            $computed = 0;
            foreach (range(1, 3) as $i) $cache->remember('page', 60, function () use (&$computed) { return ++$computed; });
            expect($computed, 1);
            expect($cache->increment('n', 5), 5);
            expect($cache->putMany(['a' => 1, 'b' => 2], 60), true);
            expect($cache->many(['a', 'b', 'none']), ['a' => '1', 'b' => '2', 'none' => null]);
            $cache->tags(['people', 'authors'])->put('ann', 'Ann', 60);
            expect($cache->tags(['people', 'authors'])->get('ann'), 'Ann');
            $cache->tags('authors')->flush();
            expect($cache->tags(['people', 'authors'])->get('ann'), null);
            expect($cache->forget('k'), true);
        });
        check("Laravel's locks and limits over $client", function () use ($manager) {
            $store = new RedisStore($manager(), 'app:');
            $lock = $store->lock('report', 10);
            expect($lock->get(), true);
            expect($store->lock('report', 10)->get(), false);
            expect($store->restoreLock('report', 'somebody else')->release(), false);
            expect($lock->release(), true);
            expect($store->lock('report', 10)->get(fn() => 'done'), 'done');
            $connection = $manager()->connection();
            $passed = 0;
            $refused = 0;
            for ($i = 0; $i < 5; ++$i) {
                $connection->throttle('api')->block(0)->allow(3)->every(60)
                    ->then(function () use (&$passed) { ++$passed; }, function () use (&$refused) { ++$refused; });
            }
            expect([$passed, $refused], [3, 2]);
            $held = $connection->funnel('worker')->limit(1)->block(0)->releaseAfter(60)
                ->then(fn() => $connection->funnel('worker')->limit(1)->block(0)->then(fn() => 'in', fn() => 'full'));
            expect($held, 'full');
        });
        check("Laravel's queue over $client", function () use ($manager) {
            $queue = new RedisQueue($manager(), 'default', null, 60, null);
            $queue->setContainer(new Container());
            $queue->setConnectionName('redis');
            foreach (range(1, 20) as $n) $queue->push('Job', ['n' => $n, 'failures' => 0]);
            $queue->push('Job', ['n' => 1000, 'failures' => 2]);
            $queue->later(3600, 'Job', ['n' => 1, 'failures' => 0]);
            expect($queue->size(), 22);
            while ($job = $queue->pop()) $job->fire();
            expect(extension()->get('sum'), '1210');
            expect($queue->size(), 1);
            expect($queue->clear('default'), 1);
        });
    }
}

['phpredis' => 'phpredis', 'predis' => 'predis_part', 'symfony' => 'symfony', 'laravel' => 'laravel'][$argv[1]]();
fwrite(STDOUT, "done\n");
