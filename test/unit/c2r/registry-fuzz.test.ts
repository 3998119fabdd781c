import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/base/failure.js';
import { officeChecks } from '../../../src/c2r/doctor.js';
import {
  channelSwitchKey,
  clickToRunKey,
  cloudPolicyKey,
  configurationKey,
  policyKey,
  targetVersionKey,
  updateScenarioKey,
  updatesKey,
  updateTasksKey,
} from '../../../src/c2r/registry-keys.js';
import { check } from '../../../src/contract/bridge.js';
import type { RegistryContents } from '../../../src/simulated/registry.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';
import { session } from '../../support/office-handlers.js';
import { installed, report, scriptedOffice } from '../../support/scripted-office.js';

/** Every value that the bridge reads, and names that it must not stumble over. */
const name = fc.constantFrom(
  ...['VersionToReport', 'Platform', 'ProductReleaseIds', 'ClientCulture', 'CDNBaseUrl', 'UpdateChannel', 'UpdateUrl'],
  ...['UnmanagedUpdateUrl', 'UpdatePath', 'UpdateBranch', 'UpdatesEnabled', 'UpdateChannelChanged', 'OfficeMgmtCOM'],
  ...['EnableAutomaticUpdates', 'ignoregpo', 'UpdatesReadyToApply', 'UpdateToVersion', 'UpdateDetectionLastRunTime'],
  ...[
    'DownloadTime',
    'UpdatesAppliedTime',
    'PreviousUpdateBranch',
    'WrittenUpdateBranch',
    'RequestedAt',
    'VersionThen',
  ],
  ...['updatetargetversion', 'UpdateDeadline', 'HideEnableDisableUpdates', 'LastUpdateError', 'LastScenario'],
  ...['LastScenarioResult', 'PreviousTargetVersion', 'WrittenTargetVersion', 'ClearedUpdateToVersion'],
  ...['', '__proto__', 'constructor', 'toString'],
);
const guid = fc
  .tuple(
    fc.constantFrom('http://officecdn.microsoft.com/pr/', 'HTTPS://x/pr/', ''),
    fc.uuid(),
    fc.string({ maxLength: 3 }),
  )
  .map((parts) => parts.join(''));
const data = fc.oneof(
  fc.constantFrom(
    ...['16.0.19929.20172', '16.0.1.1', '16.0.99999.99999', '16.0', '0', '1', 'True', 'false', 'x64', 'ARM64'],
    ...['Current', 'Deferred', 'insiderfast', 'en-us,de-de', ',;|', '2026-01-01T00:00:00Z', '13410000000000'],
    ...['http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60', '\\\\server\\share', '9'.repeat(18)],
  ),
  guid,
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('x'.repeat(100_000), '|'.repeat(100_000), ' '.repeat(100_000)),
  fc.nat(0xffff_ffff),
  // Milliseconds since 1601, as far as dates go and beyond.
  fc.maxSafeNat().map(String),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const otherKeys = [
  updatesKey,
  policyKey,
  cloudPolicyKey,
  channelSwitchKey,
  targetVersionKey,
  clickToRunKey,
  updateScenarioKey,
  updateTasksKey,
] as const;
const values = fc.dictionary(name, data, { maxKeys: 8 });
const contents: fc.Arbitrary<RegistryContents> = fc
  .array(values, { minLength: 9, maxLength: 9 })
  .map(([configuration = {}, ...others]) => ({
    ...installed,
    [configurationKey]: configuration,
    ...Object.fromEntries(otherKeys.map((key, index) => [key, others[index] ?? {}])),
  }));

// A session checks each result against its schema.
test('whatever lies in the registry, the installation is told, the doctor answers, and a channel or a version is set or refused', async () => {
  await fc.assert(
    fc.asyncProperty(contents, fc.boolean(), async (registry, force) => {
      const { call, office } = session(() => scriptedOffice([report('UPDATE_UNKNOWN')], {}, registry));
      const { installed: isInstalled, leftover } = await call('installation');
      const version = registry[configurationKey]?.VersionToReport;
      expect(isInstalled).toBe(version !== undefined && String(version).trim() !== '');
      expect(leftover).toBe(!isInstalled);
      for (const finding of await officeChecks(office, new Date(), new AbortController().signal)) {
        expect(check().parse(finding)).toEqual(finding);
        expect(finding.detail).not.toContain('The check failed');
      }
      for (const [method, params] of [
        ['setChannel', { channel: 'Current', force }],
        ['setChannel', { undo: true, force }],
        ['setTargetVersion', { version: '16.0.19929.20172', force }],
        ['setTargetVersion', { clearLeftover: true }],
        ['setTargetVersion', { undo: true, force }],
      ] as const) {
        const refusal = await call(method, params).then(
          () => null,
          (error: unknown) => error,
        );
        if (refusal === null) continue;
        expect(refusal).toBeInstanceOf(Failure);
        expect((refusal as Failure).data.type).toBe(isInstalled ? 'Blocked' : 'NotAvailable');
      }
    }),
    fuzzParameters(300),
  );
});
