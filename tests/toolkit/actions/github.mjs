// github.mjs - an action of @actions/github: what it reads of the run, and the server's REST API by its client.
import assert from 'node:assert/strict';
import * as core from '@actions/core';
import * as github from '@actions/github';

const { context } = github;
assert.ok(Number.isSafeInteger(context.runId) && context.runId > 0);
assert.ok(Number.isSafeInteger(context.runNumber) && Number.isSafeInteger(context.runAttempt));
assert.equal(context.eventName, 'workflow_dispatch');
assert.equal(context.payload.inputs.who, 'ada');
assert.equal(`${context.repo.owner}/${context.repo.repo}`, context.payload.repository.full_name);
assert.match(context.sha, /^[0-9a-f]{40}$/);
assert.equal(context.ref, 'refs/heads/main');
assert.equal(context.job, 'toolkit');
const client = github.getOctokit(core.getInput('token', { required: true }));
const { data } = await client.rest.actions.listWorkflowRunArtifacts({ ...context.repo, run_id: context.runId });
assert.deepEqual(
	data.artifacts.map((one) => one.name),
	['reports', 'by-action']
);
