// core.mjs - an action of @actions/core: inputs, outputs, state, commands, the summary.
import assert from 'node:assert/strict';
import * as core from '@actions/core';

if (core.getState('stage') === 'main') {
	assert.equal(core.getState('list'), '["a","b"]');
	core.info('post has the state of main');
} else {
	assert.equal(core.getInput('a text', { required: true }), 'with blanks');
	assert.equal(core.getInput('by-default'), 'main of o');
	assert.deepEqual(core.getMultilineInput('lines'), ['one', 'two']);
	assert.equal(core.getBooleanInput('flag'), true);
	assert.throws(() => core.getInput('missing', { required: true }), /Input required and not supplied: missing/);
	assert.equal(core.isDebug(), false);
	core.setSecret('hidden-value');
	core.info('a secret: hidden-value');
	core.exportVariable('FROM_CORE', 'several\nlines');
	core.addPath(`${process.env.GITHUB_WORKSPACE}/bin`);
	core.setOutput('object', { a: [1, 2] });
	core.setOutput('text', 'x%y\nz');
	core.saveState('stage', 'main');
	core.saveState('list', ['a', 'b']);
	core.notice('look here', { title: 'A title', file: 'src/a.c', startLine: 3, endLine: 4 });
	core.warning('and here');
	core.debug('only when asked for');
	await core.group('folded', async () => core.info('within'));
	await core.summary.addHeading('A summary').addTable([['k', 'v']]).write();
	if (process.env.INPUT_FAIL) core.setFailed('as it was asked to');
}
