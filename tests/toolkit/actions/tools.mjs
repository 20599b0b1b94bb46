// tools.mjs - an action of @actions/tool-cache: a tool is downloaded, unpacked, kept, and found again.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import * as core from '@actions/core';
import * as exec from '@actions/exec';
import * as tools from '@actions/tool-cache';

if (core.getInput('expect') === 'kept') {
	assert.deepEqual(tools.findAllVersions('thing'), ['1.2.3']);
} else {
	assert.equal(tools.find('thing', '1.x'), '');
	const root = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP, 'tool-'));
	fs.writeFileSync(path.join(root, 'thing'), '#!/bin/sh\necho thing 1.2.3\n', { mode: 0o755 });
	await exec.exec('tar', ['-czf', `${root}.tgz`, '-C', root, 'thing']);
	const server = http.createServer((_, answer) => fs.createReadStream(`${root}.tgz`).pipe(answer));
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const archive = await tools.downloadTool(`http://127.0.0.1:${server.address().port}/thing.tgz`);
	server.close();
	server.closeAllConnections();
	await tools.cacheDir(await tools.extractTar(archive), 'thing', '1.2.3');
}
core.addPath(tools.find('thing', '^1.0.0'));
