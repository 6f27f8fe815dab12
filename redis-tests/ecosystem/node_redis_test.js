'use strict';
// Everyday work through node-redis.

const assert = require('node:assert');
const { test, before, after, beforeEach } = require('node:test');
const { createClient, commandOptions, ErrorReply } = require('redis');
const { port, lacks, until } = require('./common.js');

let client;
const call = (...words) => client.sendCommand(words);

async function connect(options = {}) {
  const made = createClient({ url: `redis://127.0.0.1:${port}`, ...options });
  made.on('error', () => {});
  await made.connect();
  return made;
}

before(async () => { client = await connect({ name: 'node-redis-tests' }); });
beforeEach(() => client.flushAll());
after(() => client.quit());

test('values, buffers, numbers', async () => {
  assert.equal(await client.set('k', 'v', { EX: 100, NX: true }), 'OK');
  assert.equal(await client.set('k', 'w', { NX: true }), null);
  assert.equal(await client.get('k'), 'v');
  assert.equal(await client.getEx('k', { PX: 50_000 }), 'v');
  assert.equal((await client.pTTL('k')) <= 50_000, true);
  const bytes = Buffer.from([0, 255, 13, 10]);
  await client.set('bytes', bytes);
  assert.deepEqual(await client.get(commandOptions({ returnBuffers: true }), 'bytes'), bytes);
  assert.equal(await client.incr('n'), 1);
  assert.equal(await client.append('k', 'alue'), 5);
  await client.mSet({ a: '1', b: '2' });
  assert.deepEqual(await client.mGet(['a', 'b', 'c']), ['1', '2', null]);
  assert.equal(await client.clientGetName(), 'node-redis-tests');
});

test('errors are errors', async () => {
  await client.set('k', 'v');
  await assert.rejects(client.incr('k'), ErrorReply);
  await assert.rejects(client.sendCommand(['NONSENSE']), /unknown command/);
});

test('commands of one moment travel together', async () => {
  const replies = await Promise.all(Array.from({ length: 5000 }, () => client.incr('n')));
  assert.deepEqual(replies, Array.from({ length: 5000 }, (_, i) => i + 1));
});

test('an iterator sees every key', async () => {
  await Promise.all(Array.from({ length: 500 }, (_, i) => client.set(`key:${i}`, i)));
  const seen = new Set();
  for await (const key of client.scanIterator({ MATCH: 'key:*', COUNT: 30 })) seen.add(key);
  assert.equal(seen.size, 500);
});

test('bits', async () => {
  assert.equal(await client.setBit('bits', 7, 1), 0);
  assert.equal(await client.getBit('bits', 7), 1);
  assert.equal(await client.bitCount('bits'), 1);
});

test('a killed connection comes back', async () => {
  const killed = await connect();
  const id = await killed.clientId();
  await client.sendCommand(['CLIENT', 'KILL', 'ID', String(id)]);
  await until(async () => {
    try {
      return (await killed.clientId()) !== id;
    } catch {
      return false;
    }
  });
  await killed.quit();
});

test('what it reads of the server', async () => {
  assert.match(await client.info('server'), /redis_version:7\./);
  assert.equal((await client.configGet('maxmemory-policy'))['maxmemory-policy'], 'noeviction');
  assert.equal((await client.commandCount()) > 50, true);
  assert.equal((await client.clientInfo()).id > 0, true);
  assert.equal(await client.ping('hello'), 'hello');
});

test('transactions', async (t) => {
  if (await lacks(t, call, 'multi', 'exec', 'watch')) return;
  assert.deepEqual(await client.multi().set('k', '1').incr('k').exec(), ['OK', 2]);
});

test('hashes', async (t) => {
  if (await lacks(t, call, 'hset', 'hgetall')) return;
  await client.hSet('h', { a: '1', b: '2' });
  assert.deepEqual({ ...(await client.hGetAll('h')) }, { a: '1', b: '2' });
});

test('publish and subscribe', async (t) => {
  if (await lacks(t, call, 'publish', 'subscribe')) return;
  const subscriber = client.duplicate();
  await subscriber.connect();
  const heard = new Promise((resolve) => { subscriber.subscribe('news', resolve); });
  await until(async () => (await client.publish('news', 'hello')) === 1);
  assert.equal(await heard, 'hello');
  await subscriber.quit();
});
