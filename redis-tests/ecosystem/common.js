'use strict';
// What the tests in this folder share. The server under test listens on 127.0.0.1, at the port that TORC_TEST_PORT
// names.

const port = Number(process.env.TORC_TEST_PORT);

// Skips the rest of a test when the server lacks a command that it needs. `call(...words)` sends one command.
async function lacks(t, call, ...names) {
  const known = await call('COMMAND', 'INFO', ...names);
  const missing = names.filter((_, i) => known[i] === null);
  if (missing.length > 0) t.skip(`needs ${missing.join(', ').toUpperCase()}`);
  return missing.length > 0;
}

// Asks every few milliseconds until `done` answers true; fails after ten seconds.
async function until(done) {
  const deadline = Date.now() + 10_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('waited ten seconds in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

module.exports = { port, lacks, until };
