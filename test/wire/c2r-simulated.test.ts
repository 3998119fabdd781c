import { startBridge } from '../support/bridge.js';
import { c2rSuite } from '../support/c2r-suite.js';

c2rSuite('the simulated Office', (office) => startBridge({ args: ['--backend', 'simulated'], simulate: { office } }));
