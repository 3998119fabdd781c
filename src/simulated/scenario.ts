import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { updateStatusNames } from '../contract/c2r.js';
import { channelName } from '../contract/channels.js';
import { signed } from '../contract/hresult.js';
import { officeVersion } from '../contract/types.js';

const milliseconds = z.int().min(0).max(86_400_000);

const hresult = z
  .union([
    z.string().regex(/^0x[0-9a-fA-F]{1,8}$/, 'must be an HRESULT such as "0x80070070"'),
    z.int().min(-0x8000_0000).max(0xffff_ffff),
  ])
  .transform((value) => signed(Number(value)));

const failure = z
  .strictObject({
    at: z.enum(['download', 'apply', 'cancel', 'status']).describe('The call that fails, or whose action does.'),
    errorCode: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .optional()
      .describe('The UPDATE_ERROR_CODE that the status report then shows.'),
    hresult: hresult.optional().describe('The HRESULT that the call returns, or that the report shows with 13 added.'),
    when: z
      .enum(['call', 'end'])
      .default('end')
      .describe('`call`: the call itself is refused; `end`: it is accepted, and what it started ends as failed.'),
  })
  .refine(({ errorCode, hresult: code }) => (errorCode === undefined) !== (code === undefined), {
    message: 'needs either errorCode or hresult',
  })
  .refine(({ when, hresult: code }) => when === 'end' || code !== undefined, {
    message: 'a refused call returns an HRESULT: give hresult',
    path: ['errorCode'],
  });
export type Failure = z.output<typeof failure>;

const registryValue = z.union([z.string(), z.int().min(0).max(0xffff_ffff)]);

const office = z.strictObject({
  installed: z.boolean().default(true).describe('Whether Click-to-Run is there at all.'),
  installedVersion: officeVersion.default('16.0.17928.20114').describe('The version before anything is done.'),
  availableVersion: officeVersion
    .default('16.0.19929.20172')
    .describe('What a download without updateToVersion brings; the installed version: there is nothing new.'),
  channel: channelName.default('MonthlyEnterprise').describe('The channel that Office follows.'),
  downloadMs: milliseconds.default(1500).describe('How long a download takes.'),
  applyMs: milliseconds.default(800).describe('How long applying takes.'),
  blockingApps: z.array(z.string().min(1)).default([]).describe('Office apps that run, for example WINWORD.EXE.'),
  appsCloseAfterMs: milliseconds
    .nullable()
    .default(null)
    .describe('When people close these apps, counted from the start of the bridge; null: never.'),
  comRegistered: z.boolean().default(true).describe('Whether the COM object is registered.'),
  elevated: z.boolean().default(true).describe('Whether the bridge runs elevated; if not, COM and policy refuse it.'),
  initialStatus: z
    .enum(updateStatusNames)
    .default('UPDATE_UNKNOWN')
    .describe('The first status; one that is busy is an action that somebody else has just started.'),
  fail: z.array(failure).default([]).describe('What goes wrong, each time it is reached.'),
  vanishAfterMs: milliseconds
    .nullable()
    .default(null)
    .describe('How long after the first accepted Download or Apply the COM object goes away; null: it stays.'),
  vanishForMs: milliseconds
    .nullable()
    .default(500)
    .describe('How long it stays away; null: for good. The action goes on meanwhile.'),
  vanishForgets: z
    .boolean()
    .default(false)
    .describe('Whether the service restarts with it: the action is lost and the status is UPDATE_UNKNOWN.'),
  channelTaskMs: milliseconds
    .nullable()
    .default(500)
    .describe('How long after a new policy the scheduled task takes the new channel up; null: it does not run.'),
  deploymentData: z
    .record(z.string().regex(/^-?\d+$/, 'must be a number: the dataType'), z.string())
    .default({})
    .describe('What GetOfficeDeploymentData gives, by dataType.'),
  registry: z
    .record(z.string(), z.record(z.string(), registryValue))
    .default({})
    .describe('More values below HKEY_LOCAL_MACHINE: key path without leading backslash, then value name.'),
});
export type OfficeScenario = z.output<typeof office>;

const defender = z.strictObject({
  present: z.boolean().default(true).describe('Whether MpClient.dll is there.'),
  serviceRunning: z.boolean().default(true).describe('Whether the Defender service answers.'),
  result: hresult.default(0).describe('The HRESULT that the update ends with.'),
  updates: z.int().min(0).max(1000).default(3).describe('How many definition packages the update brings; 0: none new.'),
  durationMs: milliseconds.default(1200).describe('How long an update takes.'),
  rebootRequired: z.boolean().default(false).describe('Whether the engine asks for a restart at the end.'),
});
export type DefenderScenario = z.output<typeof defender>;

/**
 * What the simulated Windows does. Every key is optional; an unknown one is an error. Give it to the bridge with
 * `--simulate FILE|JSON` to try your own scripts against each outcome that you want them to survive.
 */
export const scenario = z.strictObject({
  office: office.prefault({}),
  defender: defender.prefault({}),
  statePath: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'A file in which the simulated machine keeps its state, so that the next process finds what this one has done ' +
        '(what it finds there goes before the scenario); null: each process starts from the scenario.',
    ),
});
export type Scenario = z.output<typeof scenario>;

/** A scenario that cannot be used. The message is one line that a person can act on. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

/** Reads a scenario from JSON, or from the file that `source` names; throws `ScenarioError`. */
export function loadScenario(source: string): Scenario {
  const inline = source.trimStart().startsWith('{');
  const where = inline ? 'The scenario' : `The scenario ${source}`;
  const result = scenario.safeParse(parse(inline ? source : read(source), where));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new ScenarioError(`${where} cannot be used: ${issues.join('; ')}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ScenarioError(`The scenario ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new ScenarioError(`${where} is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`);
  }
}
