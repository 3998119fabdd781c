import { cmdletSuite } from '../../support/cmdlet-suite.js';
import { setUpOfficeInRegistry } from '../../support/office-bridge.js';
import { describeInWindowsPowerShell } from '../../support/windows-powershell.js';

describeInWindowsPowerShell('the Click-to-Run cmdlets over a real COM object', (shell, lab) => {
  cmdletSuite({
    backend: 'windows',
    module: `${lab.clone}\\powershell\\C2RBridge`,
    connect(office) {
      setUpOfficeInRegistry(lab, office);
      return '$null = Connect-C2RBridge';
    },
    run: (script, options) => shell.run(script, options),
  });
});
