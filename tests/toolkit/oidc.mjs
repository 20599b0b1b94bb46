// oidc.mjs - an action that asks for an identity through @actions/core and verifies it with jose, as whoever it is shown to would.
//
// Input expect: "none" where its job may have none. ADMIN is a token of an administrator, who replaces keys meanwhile.
import assert from 'node:assert/strict';
import * as core from '@actions/core';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT } from 'jose';

const audience = 'https://sts.example.org/a?b=c&d';
const env = process.env;

async function discovered(issuer) {
	const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
	assert.match(answer.headers.get('cache-control'), /public, max-age=\d+/);
	const found = await answer.json();
	assert.equal(found.issuer, issuer);
	assert.deepEqual(found.id_token_signing_alg_values_supported, ['RS256']);
	return new URL(found.jwks_uri);
}

async function rotate(revoke) {
	const answer = await fetch(`${env.GITHUB_API_URL}/oidc/rotate`, {
		method: 'POST', headers: { Authorization: `Bearer ${env.ADMIN}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ revoke })
	});
	assert.equal(answer.status, 200, await answer.clone().text());
	return (await answer.json()).items;
}

function checkClaims(claims) {
	const said = {
		sub: env.EXPECT_SUB, ref: env.GITHUB_REF, sha: env.GITHUB_SHA, repository: env.GITHUB_REPOSITORY, repository_owner: env.GITHUB_REPOSITORY_OWNER,
		run_id: env.GITHUB_RUN_ID, run_number: env.GITHUB_RUN_NUMBER, run_attempt: env.GITHUB_RUN_ATTEMPT, actor: env.GITHUB_ACTOR,
		workflow: env.GITHUB_WORKFLOW, workflow_ref: env.GITHUB_WORKFLOW_REF, job_workflow_ref: env.GITHUB_WORKFLOW_REF,
		event_name: env.GITHUB_EVENT_NAME, ref_type: env.GITHUB_REF_TYPE, runner_environment: env.RUNNER_ENVIRONMENT
	};
	for (const [name, value] of Object.entries(said)) assert.equal(claims[name], value, name);
	assert.ok(claims.exp - claims.iat <= 600 && claims.nbf <= claims.iat && claims.jti.length >= 32);
	assert.ok(!('environment' in claims) || claims.environment === 'production');
}

async function isRefused(token, keys, options, code) {
	await assert.rejects(jwtVerify(token, keys, options), (error) => error.code === code, code);
}

async function verify() {
	const token = await core.getIDToken(audience);
	const { iss } = decodeJwt(token), { kid } = decodeProtectedHeader(token);
	const jwks = await discovered(iss), keys = createRemoteJWKSet(jwks);
	const { payload } = await jwtVerify(token, keys, { issuer: iss, audience, algorithms: ['RS256'] });
	checkClaims(payload);
	await isRefused(token, keys, { audience: 'another' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED');
	await isRefused(token, keys, { issuer: 'https://another' }, 'ERR_JWT_CLAIM_VALIDATION_FAILED');
	await isRefused(token, keys, { audience, currentDate: new Date((payload.exp + 1) * 1000) }, 'ERR_JWT_EXPIRED');
	const other = await generateKeyPair('RS256');
	const forged = await new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(other.privateKey);
	await isRefused(forged, keys, { audience }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
	const unchosen = await core.getIDToken();
	assert.equal(decodeJwt(unchosen).aud, `${iss}/${env.GITHUB_REPOSITORY_OWNER}`);
	if (!env.ADMIN) return;
	const published = await rotate(false);
	assert.deepEqual(published.map((one) => one.state), ['next', 'current']);
	await jwtVerify(token, createRemoteJWKSet(jwks), { issuer: iss, audience });
	assert.deepEqual((await rotate(true)).map((one) => one.state), ['current']);
	await isRefused(token, createRemoteJWKSet(jwks), { audience }, 'ERR_JWKS_NO_MATCHING_KEY');
	await jwtVerify(await core.getIDToken(audience), createRemoteJWKSet(jwks), { issuer: iss, audience });
}

if (core.getInput('expect') === 'none') await assert.rejects(core.getIDToken(audience), /ACTIONS_ID_TOKEN_REQUEST_URL/);
else await verify();
