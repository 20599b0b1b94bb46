// artifacts.mjs PACKAGE - plays @actions/artifact as its own actions use it, against the server of the environment.
//
// Prints a line for each promise that holds; throws at the first that does not.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const module_ = await import(process.argv[2]);
const client = module_.default?.DefaultArtifactClient
	? new module_.default.DefaultArtifactClient()
	: new module_.DefaultArtifactClient();
const root = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP, 'artifacts-'));
const holds = (what) => process.stdout.write(`ok ${what}\n`);

function write(name, data) {
	const file = path.join(root, 'in', name);
	fs.mkdirSync(path.dirname(file), { recursive: true });
	fs.writeFileSync(file, data);
	return file;
}

const read = (folder, name) => fs.readFileSync(path.join(root, folder, name));
const tag = process.argv[3];
const small = `small-${tag}`,
	large = `large-${tag}`;

// A zip of a few files
const files = [write('a.txt', 'hello'), write('deep/b.bin', randomBytes(100000)), write('empty', '')];
const sent = await client.uploadArtifact(small, files, path.join(root, 'in'), { retentionDays: 5 });
assert.ok(Number.isSafeInteger(sent.id) && sent.id > 0);
holds('a zip is uploaded');

const { artifact } = await client.getArtifact(small);
assert.equal(artifact.id, sent.id);
assert.equal(artifact.name, small);
assert.equal(artifact.size, sent.size);
assert.ok(artifact.createdAt instanceof Date && !Number.isNaN(artifact.createdAt.getTime()));
if (sent.digest) assert.equal(artifact.digest, `sha256:${sent.digest}`);
holds('it is found by its name');

const { artifacts } = await client.listArtifacts();
assert.deepEqual(
	artifacts.filter((one) => one.name.endsWith(`-${tag}`)).map((one) => one.id),
	[sent.id]
);
holds('it is listed');

const got = await client.downloadArtifact(sent.id, { path: path.join(root, 'out'), expectedHash: artifact.digest });
assert.notEqual(got.digestMismatch, true);
for (const name of ['a.txt', 'deep/b.bin', 'empty']) assert.deepEqual(read('out', name), read('in', name));
holds('its files come back');

// A name is taken once
await assert.rejects(
	client.uploadArtifact(small, files, path.join(root, 'in')),
	/an artifact with this name already exists on the workflow run/
);
holds('its name is taken');

const deleted = await client.deleteArtifact(small);
assert.equal(deleted.id, sent.id);
await assert.rejects(client.getArtifact(small));
const again = await client.uploadArtifact(small, files, path.join(root, 'in'));
assert.ok(again.id > sent.id);
holds('it is deleted, and its name free again');

// Many blocks, several at once
const bytes = randomBytes(40 << 20);
const big = await client.uploadArtifact(large, [write('big.bin', bytes)], path.join(root, 'in'), { compressionLevel: 0 });
const whole = await client.downloadArtifact(big.id, { path: path.join(root, 'big') });
assert.ok(whole.downloadPath);
const sum = (data) => createHash('sha256').update(data).digest('hex');
assert.equal(sum(read('big', 'big.bin')), sum(bytes));
holds('a large one comes back');

// What the server's own API uploaded, as a zip that is made as it is sent
if (process.env.BUILTIN_ID) {
	const builtin = await client.getArtifact('builtin');
	assert.equal(builtin.artifact.id, Number(process.env.BUILTIN_ID));
	await client.downloadArtifact(builtin.artifact.id, { path: path.join(root, 'builtin') });
	assert.equal(read('builtin', 'folder/x.txt').toString(), 'from the API');
	holds('an artifact of the server is downloaded');
}

// Another run's, by REST
const findBy = {
	token: process.env.JOB_TOKEN,
	workflowRunId: process.env.RUN,
	repositoryOwner: 'o',
	repositoryName: 'r'
};
const other = await client.getArtifact(small, { findBy });
assert.equal(other.artifact.id, again.id);
const listed = await client.listArtifacts({ findBy });
assert.ok(listed.artifacts.some((one) => one.id === big.id));
await client.downloadArtifact(again.id, { path: path.join(root, 'rest'), findBy });
assert.equal(read('rest', 'a.txt').toString(), 'hello');
const gone = await client.deleteArtifact(large, { findBy });
assert.equal(gone.id, big.id);
holds('it is found, downloaded and deleted by REST');

// One file as it is
if (process.argv[4] === 'raw') {
	const file = write(`raw-${tag}.txt`, 'just text\n');
	const raw = await client.uploadArtifact('ignored', [file], path.join(root, 'in'), { skipArchive: true });
	const found = (await client.listArtifacts()).artifacts.find((one) => one.id === raw.id);
	assert.equal(found.name, `raw-${tag}.txt`);
	await client.downloadArtifact(raw.id, { path: path.join(root, 'raw'), skipDecompress: true });
	assert.equal(read('raw', `raw-${tag}.txt`).toString(), 'just text\n');
	holds('one file is kept as it is');
}

process.exit(); // Connections that are kept alive would hold it until the server closes them
