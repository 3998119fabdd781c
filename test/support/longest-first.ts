import { existsSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longer than their size tells: they run whole suites, fuzz, kill, build or do something very often. */
const long = [
  'lab/bridge/newer-node',
  'lab/defender/defender-load',
  'lab/office/c2r',
  'lab/windows-powershell/cmdlets',
  'wire/interop',
  'wire/c2r-simulated',
  'wire/defender-simulated',
  'wire/nodes',
  'wire/bench-profile',
  'powershell/client/killed',
  'powershell/cmdlets/cmdlets',
].map((name) => `test/${name}.test.ts`);
for (const file of long) {
  if (!existsSync(new URL(`../../${file}`, import.meta.url))) throw new Error(`${file} is not there any more.`);
}

/** Begins with the longest, so that none is left alone at the end, in a fresh clone too, where Vitest has only sizes to go by. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.some((name) => moduleId.endsWith(`/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
