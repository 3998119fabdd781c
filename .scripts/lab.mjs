// npm run lab: the lab lanes with another Wine or another Node for Windows.
//   npm run lab -- [--wine 8|10] [--node 22|24|26] [vitest's arguments]
import { parseArgs } from 'node:util';
import { runLanes } from './lanes.mjs';

const { values, tokens } = parseArgs({
  options: { wine: { type: 'string', default: '8' }, node: { type: 'string', default: '22' } },
  strict: false,
  tokens: true,
});
const own = new Set(
  tokens.flatMap((token) =>
    token.kind === 'option' && ['wine', 'node'].includes(token.name)
      ? [token.index, ...(token.inlineValue ? [] : [token.index + 1])]
      : [],
  ),
);
const rest = process.argv.slice(2).filter((_, index) => !own.has(index));

// Read when the lab is loaded, here and in the tests.
process.env.C2R_LAB_WINE = String(values.wine);
process.env.C2R_LAB_NODE = String(values.node);
process.exitCode = await runLanes(['--project', 'lab', ...rest]);
