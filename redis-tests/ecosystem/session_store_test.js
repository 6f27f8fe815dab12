'use strict';
// A web application that keeps its sessions in the server: express, express-session, connect-redis. Users log in, are
// recognised, have their visits counted, log out, and are forgotten when their time is over.

const assert = require('node:assert');
const { test, before, after, beforeEach } = require('node:test');
const express = require('express');
const session = require('express-session');
const RedisStore = require('connect-redis').default;
const IoRedis = require('ioredis');
const { createClient } = require('redis');
const { port, until } = require('./common.js');

const kSessionSeconds = 100;

function application(store) {
  const app = express();
  app.use(express.json());
  app.use(session({
    store, secret: 'a secret', resave: false, saveUninitialized: false, rolling: true,
    cookie: { maxAge: kSessionSeconds * 1000 },
  }));
  app.post('/login', (request, response) => {
    request.session.regenerate(() => {
      request.session.user = request.body.user;
      request.session.visits = 0;
      response.json({ user: request.session.user });
    });
  });
  app.get('/', (request, response) => {
    if (!request.session.user) return response.status(401).json({});
    request.session.visits += 1;
    response.json({ user: request.session.user, visits: request.session.visits });
  });
  app.post('/logout', (request, response) => request.session.destroy(() => response.json({})));
  return app;
}

// A browser, as far as it matters: it keeps one cookie.
class Browser {
  constructor(base) { this.base = base; this.cookie = ''; }
  async fetch(path, body) {
    const response = await fetch(this.base + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { cookie: this.cookie, 'content-type': 'application/json', connection: 'close' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const set = response.headers.get('set-cookie');
    if (set) this.cookie = set.split(';')[0];
    return { status: response.status, body: await response.json() };
  }
}

const clients = {
  'node-redis': async () => {
    const client = createClient({ socket: { host: '127.0.0.1', port } });
    client.on('error', () => {});
    await client.connect();
    return { client, end: () => client.quit() };
  },
  ioredis: async () => {
    const client = new IoRedis({ host: '127.0.0.1', port });
    client.on('error', () => {});
    return { client, end: () => client.quit() };
  },
};

for (const [name, connect] of Object.entries(clients)) {
  let connection, store, server, base, admin;

  before(async () => {
    admin = new IoRedis({ host: '127.0.0.1', port });
    connection = await connect();
    store = new RedisStore({ client: connection.client, prefix: `sess-${name}:` });
    server = application(store).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${server.address().port}`;
  });
  beforeEach(() => admin.flushall());
  after(async () => {
    await new Promise((resolve) => server.close(resolve));
    await connection.end();
    await admin.quit();
  });

  test(`${name}: a user logs in, is recognised and counted, logs out and is forgotten`, async () => {
    const browser = new Browser(base);
    assert.equal((await browser.fetch('/')).status, 401);
    assert.deepEqual((await browser.fetch('/login', { user: 'ada' })).body, { user: 'ada' });
    for (let visits = 1; visits <= 20; ++visits) {
      assert.deepEqual((await browser.fetch('/')).body, { user: 'ada', visits });
    }
    assert.equal(await admin.dbsize(), 1);
    assert.equal((await browser.fetch('/logout', {})).status, 200);
    assert.equal((await browser.fetch('/')).status, 401);
    assert.equal(await admin.dbsize(), 0);
  });

  test(`${name}: sessions of many users at once do not mix`, async () => {
    const browsers = Array.from({ length: 30 }, () => new Browser(base));
    await Promise.all(browsers.map((browser, i) => browser.fetch('/login', { user: `user${i}` })));
    for (let visits = 1; visits <= 5; ++visits) {
      const pages = await Promise.all(browsers.map((browser) => browser.fetch('/')));
      pages.forEach((page, i) => assert.deepEqual(page.body, { user: `user${i}`, visits }));
    }
    assert.equal(await new Promise((resolve, reject) => store.length(
      (error, count) => (error ? reject(error) : resolve(count)))), 30);
    const all = await new Promise((resolve, reject) => store.all(
      (error, sessions) => (error ? reject(error) : resolve(sessions))));
    assert.deepEqual(all.map((one) => one.user).sort(), browsers.map((_, i) => `user${i}`).sort());
  });

  test(`${name}: each visit gives the session its whole time again, and then it is over`, async () => {
    const browser = new Browser(base);
    await browser.fetch('/login', { user: 'ada' });
    const [key] = await admin.keys('*');
    assert.equal(key.startsWith(`sess-${name}:`), true);
    await admin.expire(key, 5);
    await browser.fetch('/');
    const ttl = await admin.ttl(key);
    assert.equal(ttl > kSessionSeconds - 10 && ttl <= kSessionSeconds, true, `TTL ${ttl}`);
    await admin.pexpire(key, 1);
    await until(async () => (await admin.dbsize()) === 0);
    assert.equal((await browser.fetch('/')).status, 401);
  });

  test(`${name}: a lost connection to the store is made again`, async () => {
    const browser = new Browser(base);
    await browser.fetch('/login', { user: 'ada' });
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(async () => {
      try {
        return (await browser.fetch('/')).body.user === 'ada';
      } catch {
        return false;
      }
    });
  });
}
