// npm test: installs, provisions the lab, finds PowerShell, runs every lane and closes with one line of counts.
// Arguments go to vitest, for example: npm test -- --project unit
import { runLanes } from './lanes.mjs';

process.exitCode = await runLanes(process.argv.slice(2));
