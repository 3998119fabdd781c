import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommandLine, UsageError } from '../../../src/bridge/command-line.js';
import { fuzzParameters } from '../../support/fuzz-parameters.js';

const argument = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        '--stdio',
        '--backend',
        '--simulate',
        '--log-level',
        '--log-file',
        '--version',
        '--help',
        '--what-if',
        '--',
        '-',
      ],
      ...['--com-server', '--com-idle-ms', '-Embedding', 'call', 'dsc', 'get', 'set', 'C2RBridge/Office', 'c2r/status'],
      ...['simulated', 'windows', 'auto', 'debug', '{}', '{"a":1}', '--backend=simulated', '--stdio=1', '--no-stdio'],
      ...['--__proto__', '--constructor=x', '-s', '--=', '=', ''],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
);
const start = fc.constantFrom(
  [],
  ['call', 'c2r/status'],
  ['dsc', 'get', 'C2RBridge/Office'],
  ['--help'],
  ['--version'],
);
const line = fc.tuple(start, fc.array(argument, { maxLength: 5 })).map((parts) => parts.flat());
const environment = fc.record({ C2R_BACKEND: argument, C2R_SIMULATION: argument }, { requiredKeys: [] });

test('a command line is understood whole or refused in one sentence, whatever it says', () => {
  const understood = new Set<string>();
  fc.assert(
    fc.property(line, environment, (args, env) => {
      try {
        const { command, backend, logLevel, simulate } = parseCommandLine(args, env);
        understood.add(command.name);
        expect(['windows', 'simulated']).toContain(backend);
        expect(['error', 'warn', 'info', 'debug', null]).toContain(logLevel);
        if (command.name === 'call') expect(args).toContain(command.method);
        if (simulate !== undefined) expect([...args, ...Object.values(env)].join('\n')).toContain(simulate);
      } catch (error) {
        expect(error, (error as Error).stack).toBeInstanceOf(UsageError);
        expect((error as Error).message).not.toBe('');
      }
      expect(({} as { x?: unknown }).x).toBeUndefined();
    }),
    fuzzParameters(3000),
  );
  // Understood on Windows alone, and chance rarely spells it.
  understood.delete('com-server');
  expect([...understood].sort()).toEqual(['call', 'dsc', 'help', 'serve', 'version']);
});
