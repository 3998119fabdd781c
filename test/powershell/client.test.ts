import { expect, test } from 'vitest';
import { describePowerShell, fakeBridge, literal, runPowerShell } from './pwsh.js';

const connect = `$null = Connect-C2RBridge -BridgePath ${literal(fakeBridge)}`;

describePowerShell('the client of the module', () => {
  test('sends frames without a BOM, and text of every script arrives unchanged in both directions', async () => {
    const text = 'Größe – Δ 日本語 🦊 "quoted" \\ \u0001 \u2028';
    const { output } = await runPowerShell(`
      ${connect}
      @{
        echo = (Invoke-C2RBridgeMethod fake/echo @{ text = ${literal(text)} }).text
        first = (Invoke-C2RBridgeMethod fake/received).first
      }`);
    expect(output).toEqual({ echo: text, first: 'Content-Length' });
  });
});
