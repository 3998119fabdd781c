import { startBridge } from '../support/bridge.js';
import { defenderSuite } from '../support/defender-suite.js';

defenderSuite('the simulated Defender', (defender) =>
  startBridge({ args: ['--backend', 'simulated'], simulate: { defender } }),
);
