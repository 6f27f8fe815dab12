'use strict';
// Everyday work through ioredis.

const assert = require('node:assert');
const { test, before, after, beforeEach } = require('node:test');
const IoRedis = require('ioredis');
const { port, lacks, until } = require('./common.js');

let redis;
const call = (...words) => redis.call(...words);

before(() => { redis = new IoRedis({ host: '127.0.0.1', port, connectionName: 'ioredis-tests' }); });
beforeEach(() => redis.flushall());
after(() => redis.quit());

test('values, buffers, numbers', async () => {
  assert.equal(await redis.set('k', 'välue'), 'OK');
  assert.equal(await redis.get('k'), 'välue');
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  await redis.set('bytes', bytes);
  assert.deepEqual(await redis.getBuffer('bytes'), bytes);
  assert.equal(await redis.incrby('n', 41), 41);
  assert.equal(await redis.incrbyfloat('n', 0.5), '41.5');
  assert.deepEqual(await redis.mget('k', 'nothing'), ['välue', null]);
  assert.equal(await redis.client('GETNAME'), 'ioredis-tests');
});

test('a lock: SET NX PX, seen by others, gone in time', async () => {
  assert.equal(await redis.set('lock', 'me', 'PX', 30, 'NX'), 'OK');
  assert.equal(await redis.set('lock', 'you', 'PX', 30, 'NX'), null);
  await until(async () => (await redis.set('lock', 'you', 'PX', 1000, 'NX')) === 'OK');
});

test('a pipeline answers in order, errors in their place', async () => {
  const replies = await redis.pipeline().set('k', 'v').incr('k').get('k').exec();
  assert.equal(replies[0][1], 'OK');
  assert.match(replies[1][0].message, /not an integer/);
  assert.equal(replies[2][1], 'v');
  const many = redis.pipeline();
  for (let i = 0; i < 10_000; ++i) many.incr('n');
  const counts = await many.exec();
  assert.equal(counts[9_999][1], 10_000);
});

test('auto-pipelining', async () => {
  const auto = new IoRedis({ host: '127.0.0.1', port, enableAutoPipelining: true });
  await Promise.all(Array.from({ length: 500 }, (_, i) => auto.set(`k${i}`, i)));
  const values = await Promise.all(Array.from({ length: 500 }, (_, i) => auto.get(`k${i}`)));
  assert.deepEqual(values, Array.from({ length: 500 }, (_, i) => String(i)));
  await auto.quit();
});

test('a scan stream sees every key', async () => {
  await redis.mset(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key:${i}`, i])));
  const seen = new Set();
  for await (const keys of redis.scanStream({ match: 'key:*', count: 50 })) keys.forEach((key) => seen.add(key));
  assert.equal(seen.size, 1000);
});

test('databases and key prefixes', async () => {
  const other = new IoRedis({ host: '127.0.0.1', port, db: 3, keyPrefix: 'app:' });
  await other.set('k', 'v');
  assert.equal(await redis.dbsize(), 0);
  await redis.select(3);
  assert.equal(await redis.get('app:k'), 'v');
  await redis.select(0);
  await other.quit();
});

test('a killed connection comes back, with its waiting commands', async () => {
  const killed = new IoRedis({ host: '127.0.0.1', port });
  const id = await killed.client('ID');
  await redis.client('KILL', 'ID', id);
  await killed.set('k', 'after');
  assert.equal(await redis.get('k'), 'after');
  assert.notEqual(await killed.client('ID'), id);
  await killed.quit();
});

test('transactions', async (t) => {
  if (await lacks(t, call, 'multi', 'exec', 'watch')) return;
  const replies = await redis.multi().set('k', 1).incr('k').exec();
  assert.deepEqual(replies, [[null, 'OK'], [null, 2]]);
});

test('hashes, lists, sets, sorted sets', async (t) => {
  if (await lacks(t, call, 'hset', 'hgetall', 'rpush', 'lrange', 'sadd', 'smembers', 'zadd', 'zrange')) return;
  await redis.hset('h', { a: 1, b: 2 });
  assert.deepEqual(await redis.hgetall('h'), { a: '1', b: '2' });
  await redis.rpush('l', 1, 2, 3);
  assert.deepEqual(await redis.lrange('l', 0, -1), ['1', '2', '3']);
  await redis.sadd('s', 'x', 'y');
  assert.deepEqual((await redis.smembers('s')).sort(), ['x', 'y']);
  await redis.zadd('z', 2, 'b', 1, 'a');
  assert.deepEqual(await redis.zrange('z', 0, -1, 'WITHSCORES'), ['a', '1', 'b', '2']);
});

test('publish and subscribe', async (t) => {
  if (await lacks(t, call, 'publish', 'subscribe')) return;
  const subscriber = new IoRedis({ host: '127.0.0.1', port });
  const heard = new Promise((resolve) => subscriber.once('message', (_, text) => resolve(text)));
  await subscriber.subscribe('news');
  assert.equal(await redis.publish('news', 'hello'), 1);
  assert.equal(await heard, 'hello');
  await subscriber.quit();
});

test('a scripted command', async (t) => {
  if (await lacks(t, call, 'eval', 'evalsha')) return;
  redis.defineCommand('double', { numberOfKeys: 1, lua: "return redis.call('get', KEYS[1]) * 2" });
  await redis.set('n', 21);
  assert.equal(await redis.double('n'), 42);
});
