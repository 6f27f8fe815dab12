'use strict';
// Locks among several processes: redlock, on one server and on databases that stand for several.

const assert = require('node:assert');
const { test, before, after, beforeEach } = require('node:test');
const { default: Redlock, ExecutionError } = require('redlock');
const IoRedis = require('ioredis');
const { port } = require('./common.js');

const kSettings = { retryCount: 200, retryDelay: 10, retryJitter: 5, automaticExtensionThreshold: 50 };
let redis, nodes;
before(() => {
  redis = new IoRedis({ host: '127.0.0.1', port });
  nodes = [1, 2, 3].map((db) => new IoRedis({ host: '127.0.0.1', port, db }));
});
beforeEach(() => redis.flushall());
after(() => Promise.all([redis, ...nodes].map((client) => client.quit())));

test('one holds the lock at a time', async () => {
  const locks = [1, 2, 3].map(() => new Redlock([redis], kSettings));
  let inside = 0;
  let most = 0;
  let total = 0;
  await Promise.all(Array.from({ length: 30 }, (_, i) => locks[i % 3].using(['account'], 2000, async () => {
    most = Math.max(most, ++inside);
    const read = Number(await redis.get('total'));
    await redis.set('total', read + 1);
    total = read + 1;
    --inside;
  })));
  assert.equal(most, 1);
  assert.equal(total, 30);
  assert.deepEqual(await redis.keys('account'), []);
});

test('a lock that is held is refused, and free once released or over', async () => {
  const impatient = new Redlock([redis], { ...kSettings, retryCount: 0 });
  const lock = await impatient.acquire(['a', 'b'], 5000);
  await assert.rejects(impatient.acquire(['b'], 5000), ExecutionError);
  await lock.release();
  assert.deepEqual(await redis.keys('*'), []);
  await impatient.acquire(['b'], 40);
  const patient = new Redlock([redis], kSettings);
  await (await patient.acquire(['b'], 1000)).release();
});

test('a lock is extended, by hand and by itself', async () => {
  const locks = new Redlock([redis], kSettings);
  let lock = await locks.acquire(['a'], 500);
  lock = await lock.extend(60_000);
  assert.equal(await redis.pttl('a') > 50_000, true);
  await lock.release();
  await assert.rejects(lock.extend(1000), ExecutionError);
  await locks.using(['a'], 150, async (signal) => {
    const first = await redis.get('a');
    const until = Date.now() + 400;
    while (Date.now() < until) {
      assert.equal(await redis.get('a'), first);
      assert.equal(signal.aborted, false);
    }
  });
});

test('a majority of three decides', async () => {
  const locks = new Redlock(nodes, { ...kSettings, retryCount: 0 });
  await nodes[0].set('a', 'somebody else');
  const lock = await locks.acquire(['a'], 5000);
  await lock.release();
  await nodes[1].set('a', 'somebody else');
  await assert.rejects(locks.acquire(['a'], 5000), ExecutionError);
});
