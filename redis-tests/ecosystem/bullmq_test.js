'use strict';
// A job queue: BullMQ's producers, workers and flows. Its scripts build the names of most keys they touch by
// themselves, wait in blocking commands and talk through a stream of events.

const assert = require('node:assert');
const { test, before, after, beforeEach } = require('node:test');
const { Queue, Worker, QueueEvents, FlowProducer } = require('bullmq');
const IoRedis = require('ioredis');
const { port, until } = require('./common.js');

const connection = { host: '127.0.0.1', port };
const kWaitMs = 10_000;
let admin;
let open;

const keep = (thing) => {
  thing.on('error', () => {});
  open.push(thing);
  return thing;
};
const queue = (name, options) => keep(new Queue(name, { connection, ...options }));
const worker = (name, work, options) => keep(new Worker(name, work, { connection, ...options }));

async function events(name) {
  const made = keep(new QueueEvents(name, { connection }));
  await made.waitUntilReady();
  return made;
}

async function closing(body) {
  open = [];
  try {
    await body();
  } finally {
    await Promise.all(open.reverse().map((thing) => thing.close()));
  }
}

before(() => { admin = new IoRedis(connection); });
beforeEach(() => admin.flushall());
after(() => admin.quit());

test('jobs are worked off by several workers, each once, and give results', () => closing(async () => {
  const jobs = queue('sums');
  const finished = await events('sums');
  const seen = [];
  const work = async (job) => { seen.push(job.id); return job.data.a + job.data.b; };
  for (let i = 0; i < 3; ++i) worker('sums', work, { concurrency: 5 });
  const added = await jobs.addBulk(Array.from({ length: 200 }, (_, i) => ({ name: 'add', data: { a: i, b: i } })));
  const results = await Promise.all(added.map((job) => job.waitUntilFinished(finished, kWaitMs)));
  assert.deepEqual(results, added.map((_, i) => 2 * i));
  assert.equal(new Set(seen).size, 200);
  assert.equal(seen.length, 200);
  const counts = await jobs.getJobCounts();
  assert.equal(counts.completed, 200);
  assert.equal(counts.waiting + counts.active + counts.failed, 0);
}));

test('a job that fails is tried again, later each time, and then kept as failed', () => closing(async () => {
  const jobs = queue('fragile', { defaultJobOptions: { attempts: 3, backoff: { type: 'exponential', delay: 20 } } });
  const finished = await events('fragile');
  worker('fragile', async (job) => {
    if (job.attemptsMade < job.data.failures) throw new Error(`attempt ${job.attemptsMade}`);
    return job.attemptsMade;
  });
  const lucky = await jobs.add('twice', { failures: 2 });
  const unlucky = await jobs.add('always', { failures: 9 });
  assert.equal(await lucky.waitUntilFinished(finished, kWaitMs), 2);
  await assert.rejects(unlucky.waitUntilFinished(finished, kWaitMs), /attempt 2/);
  const failed = await jobs.getFailed();
  assert.deepEqual(failed.map((job) => [job.name, job.attemptsMade]), [['always', 3]]);
  await failed[0].retry();
  await until(async () => (await jobs.getFailedCount()) === 1 && (await jobs.getWaitingCount()) === 0);
}));

test('a delayed job runs after its time, and a promoted one at once', () => closing(async () => {
  const jobs = queue('later');
  const finished = await events('later');
  worker('later', async () => Date.now());
  const start = Date.now();
  const delayed = await jobs.add('delayed', {}, { delay: 150 });
  assert.equal((await jobs.getDelayed()).length, 1);
  const promoted = await jobs.add('promoted', {}, { delay: 3_600_000 });
  await promoted.promote();
  assert.equal(await promoted.waitUntilFinished(finished, kWaitMs) - start < 3_000_000, true);
  const ran = await delayed.waitUntilFinished(finished, kWaitMs);
  assert.equal(ran - start >= 149, true, `after ${ran - start} ms`);
}));

test('priorities decide the order, and within one the order of arrival', () => closing(async () => {
  const jobs = queue('urgent');
  const finished = await events('urgent');
  const added = [];
  for (const [name, priority] of [['c1', 3], ['a1', 1], ['b1', 2], ['c2', 3], ['a2', 1], ['first', undefined]]) {
    added.push(await jobs.add(name, {}, { priority }));
  }
  assert.equal(await jobs.getPrioritizedCount?.() ?? 5, 5);
  const order = [];
  worker('urgent', async (job) => { order.push(job.name); });
  await Promise.all(added.map((job) => job.waitUntilFinished(finished, kWaitMs)));
  assert.deepEqual(order, ['first', 'a1', 'a2', 'b1', 'c1', 'c2']);
}));

test('a flow runs the children first and hands their results to the parent', () => closing(async () => {
  const flow = keep(new FlowProducer({ connection }));
  queue('parts');
  const finished = await events('whole');
  worker('parts', async (job) => job.data.n * 10);
  worker('whole', async (job) => Object.values(await job.getChildrenValues()).sort((a, b) => a - b));
  const tree = await flow.add({
    name: 'sum', queueName: 'whole', data: {},
    children: Array.from({ length: 10 }, (_, n) => ({ name: 'part', queueName: 'parts', data: { n } })),
  });
  const expected = Array.from({ length: 10 }, (_, n) => 10 * n);
  assert.deepEqual(await tree.job.waitUntilFinished(finished, kWaitMs), expected);
}));

test('a repeated job comes again and again until its scheduler is removed', () => closing(async () => {
  const jobs = queue('ticks');
  let ticks = 0;
  worker('ticks', async () => { ++ticks; });
  await jobs.upsertJobScheduler('tick', { every: 30 });
  await until(() => ticks >= 3);
  assert.equal((await jobs.getJobSchedulers()).length, 1);
  assert.equal(await jobs.removeJobScheduler('tick'), true);
  assert.equal((await jobs.getJobSchedulers()).length, 0);
}));

test('the limit of a rate is kept', () => closing(async () => {
  const jobs = queue('slow');
  const finished = await events('slow');
  const at = [];
  worker('slow', async () => { at.push(Date.now()); }, { limiter: { max: 2, duration: 100 }, concurrency: 10 });
  const added = await jobs.addBulk(Array.from({ length: 6 }, () => ({ name: 'call', data: {} })));
  await Promise.all(added.map((job) => job.waitUntilFinished(finished, kWaitMs)));
  assert.equal(at.length, 6);
  assert.equal(at[5] - at[0] >= 190, true, `six calls in ${at[5] - at[0]} ms`);
}));

test('the job of a worker that died is given to another', () => closing(async () => {
  const jobs = queue('orphans');
  const finished = await events('orphans');
  // Fetched by hand and never finished: as good as dead once its lock is over.
  const dead = worker('orphans', null, { autorun: false, lockDuration: 30 });
  const job = await jobs.add('work', {});
  assert.equal((await dead.getNextJob('a token')).id, job.id);
  worker('orphans', async () => 'rescued', { stalledInterval: 50, lockDuration: 1000 });
  assert.equal(await job.waitUntilFinished(finished, kWaitMs), 'rescued');
}));

test('deduplication, progress, logs, pausing and emptying', () => closing(async () => {
  const jobs = queue('mixed');
  const first = await jobs.add('once', {}, { deduplication: { id: 'only' } });
  assert.equal((await jobs.add('once', {}, { deduplication: { id: 'only' } })).id, first.id);
  await first.updateProgress(40);
  await first.log('a line');
  const again = await jobs.getJob(first.id);
  assert.equal(again.progress, 40);
  assert.deepEqual((await jobs.getJobLogs(first.id)).logs, ['a line']);
  await jobs.pause();
  assert.equal(await jobs.isPaused(), true);
  await jobs.resume();
  await jobs.addBulk(Array.from({ length: 50 }, () => ({ name: 'x', data: {} })));
  await jobs.drain();
  assert.equal(await jobs.getWaitingCount(), 0);
  await jobs.obliterate({ force: true });
  assert.deepEqual(await admin.keys('bull:mixed:*'), []);
}));
