'use strict';
// Rate limits that several web servers share: rate-limiter-flexible.

const assert = require('node:assert');
const { test, before, after, beforeEach } = require('node:test');
const { RateLimiterRedis, BurstyRateLimiter, RLWrapperBlackAndWhite } = require('rate-limiter-flexible');
const IoRedis = require('ioredis');
const { createClient } = require('redis');
const { port, until } = require('./common.js');

let ioredis, nodeRedis;
before(async () => {
  ioredis = new IoRedis({ host: '127.0.0.1', port, enableOfflineQueue: false });
  await new Promise((resolve) => ioredis.once('ready', resolve));
  nodeRedis = createClient({ socket: { host: '127.0.0.1', port } });
  nodeRedis.on('error', () => {});
  await nodeRedis.connect();
});
beforeEach(() => ioredis.flushall());
after(() => Promise.all([ioredis.quit(), nodeRedis.quit()]));

const kStores = {
  ioredis: () => ({ storeClient: ioredis }),
  'node-redis': () => ({ storeClient: nodeRedis, useRedisPackage: true }),
};

for (const [name, store] of Object.entries(kStores)) {
  test(`${name}: of many calls at once exactly the allowed ones pass`, async () => {
    const limiters = [1, 2].map(() => new RateLimiterRedis({ ...store(), points: 10, duration: 100 }));
    const calls = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => limiters[i % 2].consume('user')));
    assert.equal(calls.filter(({ status }) => status === 'fulfilled').length, 10);
    const refused = calls.find(({ status }) => status === 'rejected').reason;
    assert.equal(refused.remainingPoints, 0);
    assert.equal(refused.msBeforeNext > 90_000 && refused.msBeforeNext <= 100_000, true, `${refused.msBeforeNext}`);
    assert.equal((await limiters[0].get('user')).consumedPoints, 50);
    assert.equal((await limiters[0].consume('somebody else')).remainingPoints, 9);
  });

  test(`${name}: penalties, rewards, blocks and forgetting`, async () => {
    const limiter = new RateLimiterRedis({ ...store(), points: 5, duration: 100, blockDuration: 200 });
    assert.equal((await limiter.penalty('user', 3)).consumedPoints, 3);
    assert.equal((await limiter.reward('user', 2)).consumedPoints, 1);
    await limiter.block('user', 50);
    await assert.rejects(limiter.consume('user'), ({ msBeforeNext }) => msBeforeNext > 40_000);
    assert.equal(await limiter.delete('user'), true);
    assert.equal((await limiter.consume('user')).consumedPoints, 1);
    await assert.rejects(limiter.consume('user', 9), ({ msBeforeNext }) => msBeforeNext > 150_000);
  });

  test(`${name}: a window that is over begins anew`, async () => {
    const limiter = new RateLimiterRedis({ ...store(), points: 1, duration: 1 });
    await limiter.consume('user');
    await assert.rejects(limiter.consume('user'));
    await until(() => limiter.consume('user').then(() => true, () => false));
  });
}

test('bursts on top, and lists of those who are always let in or never', async () => {
  const slow = new RateLimiterRedis({ storeClient: ioredis, keyPrefix: 'slow', points: 2, duration: 100 });
  const burst = new RateLimiterRedis({ storeClient: ioredis, keyPrefix: 'burst', points: 3, duration: 100 });
  const bursty = new BurstyRateLimiter(slow, burst);
  const calls = await Promise.allSettled(Array.from({ length: 8 }, () => bursty.consume('user')));
  assert.equal(calls.filter(({ status }) => status === 'fulfilled').length, 5);
  const lists = new RLWrapperBlackAndWhite({ limiter: slow, whiteList: ['friend'], blackList: ['foe'] });
  for (let i = 0; i < 9; ++i) await lists.consume('friend');
  await assert.rejects(lists.consume('foe'));
});
