import { defenderSignature } from './defender-signature.js';
import { office } from './office.js';
import type { Resource } from './resource.js';
import { instanceSchema } from './schema.js';

/** Every resource that this bridge offers to DSC. */
export const resources: readonly Resource[] = [office, defenderSignature] as unknown as readonly Resource[];

/** How the process ends, for DSC to show; also part of each manifest. */
export const exitCodes = {
  0: 'Success',
  1: 'The operation failed',
  2: 'The command line or the input is wrong',
  3: 'Elevation is needed',
  4: 'Office or Defender is not available',
  5: 'Blocked by running apps, another manager or another run',
} as const;

/** JSON Schema of what a resource takes and gives. */
export function schemaOf({ type, description, state }: Resource): object {
  const { $schema, ...schema } = instanceSchema(state);
  return { $schema, title: type, description, ...schema };
}

/** The program that a manifest calls; a path is taken from the manifest's own folder. */
export interface Program {
  readonly executable: string;
  readonly args: readonly string[];
}

/**
 * The manifest by which DSC 3.2 or newer finds and calls a resource.
 * https://learn.microsoft.com/powershell/dsc/reference/schemas/resource/manifest/root
 */
export function manifestOf(resource: Resource, version: string, { executable, args }: Program): object {
  const operation = (name: string) => ({ executable, args: [...args, 'dsc', name, resource.type], input: 'stdin' });
  const set = operation('set');
  return {
    $schema: 'https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json',
    type: resource.type,
    description: resource.description,
    version,
    tags: resource.tags,
    get: operation('get'),
    set: {
      ...set,
      args: [...set.args, { whatIfArg: '--what-if' }],
      implementsPretest: true,
      return: 'stateAndDiff',
      whatIfReturns: 'stateAndDiff',
      requireSecurityContext: 'elevated',
    },
    test: { ...operation('test'), return: 'stateAndDiff' },
    export: operation('export'),
    exitCodes,
    schema: { embedded: schemaOf(resource) },
  };
}
