// npm run fuzz: the fuzz and kill tests of every lane with many more runs, each kill test with 100 kills an operation.
//   npm run fuzz -- [runs] [vitest's arguments]      default: 2000 runs; for example: npm run fuzz -- 500 --project wire
// One seed serves every fuzz test. A failure is run again with C2R_FUZZ_SEED=<seed> npm run fuzz -- <runs>.
import { runLanes } from './lanes.mjs';

const [first = '', ...others] = process.argv.slice(2);
const given = /^\d+$/.test(first);
const args = given || first === '' ? others : [first, ...others];
const {
  C2R_KILLS = '100',
  C2R_FUZZ_SEED = String(Date.now() % 2 ** 31),
  C2R_FUZZ_RUNS = given ? first : '2000',
} = process.env;
const outcome = () => console.log(`fuzz: seed ${C2R_FUZZ_SEED}, ${C2R_FUZZ_RUNS} runs, ${C2R_KILLS} kills`);

outcome();
// What fails once is a finding, and a run this long is meant to last; a file that is to be run is named after what it does.
process.exitCode = await runLanes(['fuzz', 'kill', '--retry=0', '--testTimeout=3600000', ...args], {
  C2R_KILLS,
  C2R_FUZZ_SEED,
  C2R_FUZZ_RUNS,
});
outcome();
