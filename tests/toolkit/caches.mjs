// caches.mjs PACKAGE TAG - plays @actions/cache as its own actions use it, against the server of the environment.
//
// Prints a line for each promise that holds; throws at the first that does not.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const module_ = await import(process.argv[2]);
const cache = module_.default?.saveCache ? module_.default : module_;
const tag = process.argv[3];
const holds = (what) => process.stdout.write(`ok ${what}\n`);
const home = path.join(process.env.GITHUB_WORKSPACE, tag);
const file = (name) => path.join(home, name);

fs.mkdirSync(file('deep'), { recursive: true });
process.chdir(process.env.GITHUB_WORKSPACE);
const large = randomBytes(40 << 20); // Version 1 sends it in two ranges
fs.writeFileSync(file('deep/large.bin'), large);
fs.writeFileSync(file('tool'), '#!/bin/sh\n', { mode: 0o755 });
fs.symlinkSync('tool', file('link'));

assert.equal(cache.isFeatureAvailable(), true);
assert.equal(await cache.restoreCache([tag], `${tag}-linux-1`, [`${tag}-`]), undefined);
holds('there is none at first');

assert.ok((await cache.saveCache([tag], `${tag}-linux-1`)) > 0);
holds('it is saved');

fs.rmSync(home, { recursive: true });
assert.equal(await cache.restoreCache([tag], `${tag}-linux-1`), `${tag}-linux-1`);
assert.ok(fs.readFileSync(file('deep/large.bin')).equals(large));
assert.equal(fs.statSync(file('tool')).mode & 0o777, 0o755);
assert.equal(fs.readlinkSync(file('link')), 'tool');
holds('it comes back as it was');

assert.equal(await cache.restoreCache([tag], `${tag}-linux-1`, [], { lookupOnly: true }), `${tag}-linux-1`);
fs.rmSync(home, { recursive: true });
assert.equal(await cache.restoreCache([tag], `${tag}-linux-2`, [`${tag}-win`, `${tag}-linux-`]), `${tag}-linux-1`);
assert.ok(fs.existsSync(file('tool')));
holds('it is found by what its key begins with');

fs.writeFileSync(file('tool'), 'other');
await cache.saveCache([tag], `${tag}-linux-1`); // A warning in the log, no more
fs.rmSync(home, { recursive: true });
await cache.restoreCache([tag], `${tag}-linux-1`);
assert.equal(fs.readFileSync(file('tool'), 'utf8'), '#!/bin/sh\n');
holds('what is saved does not change');

fs.mkdirSync(`${home}-2`, { recursive: true });
assert.equal(await cache.restoreCache([`${tag}-2`], `${tag}-linux-1`), undefined);
holds('other paths are another cache');

process.exit(); // Connections that are kept alive would hold it until the server closes them
