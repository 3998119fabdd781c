// What we are measured against: vscode-jsonrpc as its documentation shows it, validating nothing.
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
connection.onRequest('bridge/ping', () => ({}));
connection.onRequest('bench/echo', ({ value }: { value: string }) => ({ value }));
connection.onClose(() => process.exit(0));
connection.listen();
