import { startBridge } from '../bridge.js';
import { defenderSuite } from '../defender-suite.js';

defenderSuite('the simulated Defender', (defender) =>
  startBridge({ args: ['--backend', 'simulated'], simulate: { defender } }),
);
