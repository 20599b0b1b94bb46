// artifact.mjs - an action of @actions/artifact, with what the agent alone gives it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as core from '@actions/core';
import { DefaultArtifactClient } from 'artifact-6';

const client = new DefaultArtifactClient();
const root = process.env.GITHUB_WORKSPACE;
const sent = await client.uploadArtifact('by-action', [path.join(root, 'src/a.c')], root);
const got = await client.downloadArtifact(sent.id, { path: path.join(root, 'back') });
assert.equal(fs.readFileSync(path.join(got.downloadPath, 'src/a.c'), 'utf8'), 'a\n');
core.setOutput('id', sent.id);

// What it uploads past the agent is searched for test reports, too.
const report = path.join(root, 'out/junit.xml');
const cases = '<testcase name="holds" time="0.5"/>'.repeat(400) + '<testcase name="adds up"><failure message="4 is not 5"/></testcase>';
fs.mkdirSync(path.dirname(report), { recursive: true });
fs.writeFileSync(report, `<testsuite name="sums">${cases}</testsuite>`);
fs.writeFileSync(path.join(root, 'out/test.json'), '{"this": "is no report"}');
await client.uploadArtifact('reports', [report, path.join(root, 'out/test.json')], root);
