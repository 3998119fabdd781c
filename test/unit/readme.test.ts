import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { applicationCodes, jsonRpcCodes } from '../../src/contract/errors.js';
import { scenario } from '../../src/simulated/scenario.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('README tells the same story as the code', () => {
  test.each(readdirSync(join(root, 'powershell/C2RBridge/Public')).map((file) => file.replace('.ps1', '')))(
    'it shows what %s is for',
    (cmdlet) => {
      expect(readme).toContain(cmdlet);
    },
  );

  test('it names no cmdlet that does not exist', () => {
    const cmdlets = readdirSync(join(root, 'powershell/C2RBridge/Public')).map((file) => file.replace('.ps1', ''));
    const named = readme.match(/\b[A-Z][a-z]+-(C2R|Defender)[A-Za-z]*/g) ?? [];
    expect(named.filter((name) => !cmdlets.includes(name))).toEqual([]);
  });

  test('its error table has every code with its name', () => {
    for (const [type, code] of Object.entries(applicationCodes)) expect(readme).toContain(`| ${code} | ${type} |`);
    for (const type of Object.keys(jsonRpcCodes)) expect(readme).toContain(type);
  });

  test('it explains every key of a scenario', () => {
    const { office, defender } = scenario.def.shape;
    const keys = [office, defender].flatMap((area) => Object.keys(area.def.innerType.def.shape));
    expect(keys.length).toBeGreaterThan(20);
    expect([...keys, ...Object.keys(scenario.def.shape)].filter((key) => !readme.includes(`\`${key}\``))).toEqual([]);
  });

  test('its client in another language works as it stands', ({ skip }) => {
    const [, program = ''] = /```python\n(.*?)```/s.exec(readme) ?? [];
    let output: string;
    try {
      output = execFileSync('python3', ['-c', program], { cwd: root, encoding: 'utf8', timeout: 60_000 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      skip('there is no python3 on this machine');
      return;
    }
    expect(output).toContain('Downloading');
    expect(output).toContain("'changed': True");
  });
});
