// What we are measured against: vscode-jsonrpc as its documentation shows it, validating nothing.
import { readFileSync } from 'node:fs';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
connection.onRequest('bridge/ping', () => ({}));
connection.onRequest('bench/echo', ({ value }: { value: string }) => ({ value }));
connection.onRequest('bench/take', () => ({}));
/** The list that the simulation has, too. */
const scenario = process.env.C2R_SIMULATION;
if (scenario) {
  const { blockingApps: apps } = JSON.parse(readFileSync(scenario, 'utf8')).office;
  connection.onRequest('c2r/blockingApps', () => ({ apps, backend: 'simulated' }));
}
connection.onClose(() => process.exit(0));
connection.listen();
