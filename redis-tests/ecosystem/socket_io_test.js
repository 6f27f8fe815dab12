'use strict';
// Chat over two servers that know each other only through Redis: socket.io with its adapters over pub/sub, sharded
// pub/sub and streams, each through ioredis and node-redis where the adapter takes both.

const assert = require('node:assert');
const http = require('node:http');
const { test } = require('node:test');
const { Server } = require('socket.io');
const { io: connectTo } = require('socket.io-client');
const { createAdapter, createShardedAdapter } = require('@socket.io/redis-adapter');
const { createAdapter: createStreamsAdapter } = require('@socket.io/redis-streams-adapter');
const IoRedis = require('ioredis');
const { createClient } = require('redis');
const { port, until } = require('./common.js');

async function ioredis(opened) {
  const client = new IoRedis({ host: '127.0.0.1', port });
  opened.push(() => client.disconnect());
  return client;
}

// `end`: quit waits for what was sent before, which a command that blocks would take long to let through.
async function nodeRedis(opened, end = 'quit') {
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  client.on('error', () => {});
  await client.connect();
  opened.push(() => client[end]());
  return client;
}

// name → makes an adapter for one more server.
const kAdapters = {
  'pub/sub over ioredis': async (opened) => createAdapter(await ioredis(opened), await ioredis(opened)),
  'pub/sub over node-redis': async (opened) => createAdapter(await nodeRedis(opened), await nodeRedis(opened)),
  'sharded pub/sub over node-redis': async (opened) =>
    createShardedAdapter(await nodeRedis(opened), await nodeRedis(opened)),
  'streams over ioredis': async (opened) => createStreamsAdapter(await ioredis(opened), { heartbeatInterval: 200 }),
  'streams over node-redis': async (opened) =>
    createStreamsAdapter(await nodeRedis(opened, 'disconnect'), { heartbeatInterval: 200 }),
};

async function chatServer(adapter, opened) {
  const listener = http.createServer();
  const io = new Server(listener, { adapter, serveClient: false });
  io.on('connection', (socket) => {
    socket.on('join', (room, done) => { Promise.resolve(socket.join(room)).then(() => done()); });
    socket.on('say', (room, text) => io.to(room).emit('said', text));
    socket.on('others', (room, text) => socket.to(room).emit('said', text));
  });
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
  opened.push(() => new Promise((resolve) => { io.close(() => resolve()); }));
  return { io, url: `http://127.0.0.1:${listener.address().port}` };
}

async function visitor(url, opened) {
  const socket = connectTo(url, { transports: ['websocket'], forceNew: true });
  opened.push(() => socket.close());
  const heard = [];
  socket.on('said', (text) => heard.push(text));
  await new Promise((resolve, reject) => { socket.on('connect', resolve); socket.on('connect_error', reject); });
  return { socket, heard, join: (room) => socket.emitWithAck('join', room) };
}

async function house(makeAdapter, body) {
  const opened = [];
  const admin = await ioredis(opened);
  await admin.flushall();
  try {
    const servers = [];
    for (let i = 0; i < 2; ++i) servers.push(await chatServer(await makeAdapter(opened), opened));
    // Both know of each other once each counts two.
    await until(async () => (await Promise.all(servers.map(({ io }) => io.of('/').adapter.serverCount())))
      .every((count) => count === 2));
    const visitors = [];
    for (let i = 0; i < 4; ++i) visitors.push(await visitor(servers[i % 2].url, opened));
    await body(servers, visitors);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

for (const [name, makeAdapter] of Object.entries(kAdapters)) {
  test(`${name}: what is said in a room is heard on both servers, and only there`, () =>
    house(makeAdapter, async (servers, [ann, bob, cy, dan]) => {
      await Promise.all([ann.join('tea'), bob.join('tea'), cy.join('coffee')]);
      for (let i = 0; i < 20; ++i) ann.socket.emit('say', 'tea', `tea ${i}`);
      await until(() => ann.heard.length === 20 && bob.heard.length === 20);
      assert.deepEqual(bob.heard, Array.from({ length: 20 }, (_, i) => `tea ${i}`));
      ann.socket.emit('others', 'tea', 'only for others');
      await until(() => bob.heard.length === 21);
      assert.equal(ann.heard.length, 20);
      assert.equal(cy.heard.length + dan.heard.length, 0);
      servers[1].io.emit('said', 'to all');
      await until(() => [ann, bob, cy, dan].every(({ heard }) => heard.at(-1) === 'to all'));
    }));

  test(`${name}: servers ask one another: sockets, joining, acknowledgements, events`, () =>
    house(makeAdapter, async (servers, visitors) => {
      await until(async () => (await servers[0].io.fetchSockets()).length === 4);
      await Promise.all(visitors.map(({ join }) => join('all')));
      assert.equal((await servers[1].io.in('all').fetchSockets()).length, 4);
      servers[0].io.in('all').socketsJoin('more');
      await until(async () => (await servers[1].io.in('more').fetchSockets()).length === 4);
      visitors.forEach(({ socket }, i) => socket.on('question', (answer) => answer(i)));
      const answers = await servers[0].io.timeout(5000).emitWithAck('question');
      assert.deepEqual(answers.sort(), [0, 1, 2, 3]);
      const got = new Promise((resolve) => servers[1].io.on('news', resolve));
      servers[0].io.serverSideEmit('news', { hello: 'there' });
      assert.deepEqual(await got, { hello: 'there' });
      servers[0].io.in('all').disconnectSockets();
      await until(() => visitors.every(({ socket }) => !socket.connected));
    }));
}
