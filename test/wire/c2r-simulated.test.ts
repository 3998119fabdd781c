import { startBridge } from '../bridge.js';
import { c2rSuite } from '../c2r-suite.js';

c2rSuite('the simulated Office', (office) => startBridge({ args: ['--backend', 'simulated'], simulate: { office } }));
