// glob.mjs - an action of @actions/glob: files by pattern, and their hash as the expression hashFiles() has it.
import assert from 'node:assert/strict';
import path from 'node:path';
import * as core from '@actions/core';
import * as glob from '@actions/glob';

const globber = await glob.create('src/**\n!src/**/*.o');
const found = (await globber.glob()).map((file) => path.relative(process.env.GITHUB_WORKSPACE, file)).sort();
assert.deepEqual(found, ['src', 'src/a.c', 'src/deep', 'src/deep/b.c']);
assert.equal(await glob.hashFiles('src/**/*.c'), core.getInput('hash'));
