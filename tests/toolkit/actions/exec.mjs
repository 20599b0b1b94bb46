// exec.mjs - an action of @actions/exec and @actions/io: programs, what they print, files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as exec from '@actions/exec';
import * as io from '@actions/io';

const heard = [];
const listeners = { stdline: (line) => heard.push(line) };
assert.equal(await exec.exec('sh', ['-c', 'echo first; echo second'], { listeners, silent: true }), 0);
assert.deepEqual(heard, ['first', 'second']);
const failed = await exec.getExecOutput('sh -c "echo out; echo err >&2; exit 3"', [], { ignoreReturnCode: true });
assert.deepEqual([failed.exitCode, failed.stdout, failed.stderr], [3, 'out\n', 'err\n']);
await assert.rejects(exec.exec('sh', ['-c', 'exit 4']), /failed with exit code 4/);
const echoed = await exec.getExecOutput('cat', [], { input: Buffer.from('from stdin') });
assert.equal(echoed.stdout, 'from stdin');

const root = fs.mkdtempSync(path.join(process.env.RUNNER_TEMP, 'io-'));
await io.mkdirP(path.join(root, 'a/b/c'));
fs.writeFileSync(path.join(root, 'a/b/c/file'), 'x');
await io.cp(path.join(root, 'a'), path.join(root, 'copy'), { recursive: true });
await io.mv(path.join(root, 'copy'), path.join(root, 'moved'));
assert.equal(fs.readFileSync(path.join(root, 'moved/b/c/file'), 'utf8'), 'x');
await io.rmRF(root);
assert.ok(!fs.existsSync(root));
assert.ok(path.isAbsolute(await io.which('git', true)));
assert.equal(await io.which('no-such-program-anywhere'), '');
