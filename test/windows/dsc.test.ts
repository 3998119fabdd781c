import { execFileSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { deadline } from '../support/deadline.js';
import { succeeds, titled } from './machine.js';

const manifests = fileURLToPath(new URL('../../powershell/dsc', import.meta.url));
const there = succeeds('dsc', ['--version']);

/** Runs DSC's own program over the simulation, so that nothing of the machine is changed. */
function dsc(...args: string[]) {
  const env = {
    ...process.env,
    DSC_RESOURCE_PATH: [manifests, process.env.PATH].join(delimiter),
    C2R_BACKEND: 'simulated',
    C2R_SIMULATION: '{}',
  };
  return JSON.parse(
    execFileSync('dsc', args, { env, encoding: 'utf8', timeout: deadline(120_000), stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

describe.skipIf(!there)(titled("DSC's own program", there, 'there is no dsc on PATH'), () => {
  test.each(['C2RBridge/Office', 'C2RBridge/DefenderSignature'])('gets and tests %s', (resource) => {
    expect(dsc('resource', 'get', '--resource', resource, '--input', '{}')).toHaveProperty('actualState');
    expect(dsc('resource', 'test', '--resource', resource, '--input', '{}')).toMatchObject({ inDesiredState: true });
  });
});
