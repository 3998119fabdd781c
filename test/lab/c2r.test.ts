import { c2rSuite } from '../c2r-suite.js';
import { describeInLab } from './lab.js';
import { startLabBridge } from './office-bridge.js';

describeInLab('the built bridge in the Windows build of Node', (lab) => {
  c2rSuite('a COM object', (settings) => startLabBridge(lab, settings));
});
