import { c2rSuite } from '../../support/c2r-suite.js';
import { describeInLab } from '../../support/lab.js';
import { startLabBridge } from '../../support/office-bridge.js';

describeInLab('the built bridge in the Windows build of Node', (lab) => {
  c2rSuite('a COM object', (settings) => startLabBridge(lab, settings));
});
