import {
  type CancellationToken,
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { RpcError } from '../contract/errors.js';
import type { Clock } from '../contract/run.js';
import type { Log } from './log.js';
import type { Service } from './service.js';

/** Serves requests over stdin and stdout until the client goes away. */
export function serve(service: Service, { clock, log }: { readonly clock: Clock; readonly log: Log }): void {
  const connection = createMessageConnection(
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  let shutdown = false;
  connection.onRequest(async (method: string, params: unknown, token: CancellationToken) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => controller.abort());
    try {
      const result = await service.call(method, params, {
        signal: controller.signal,
        clock,
        progress: (label) => (value) => void connection.sendNotification('$/progress', { token: label, value }),
      });
      shutdown ||= method === 'shutdown';
      return result;
    } catch (error) {
      const { code, message, data } = error as RpcError;
      if (controller.signal.aborted) {
        return new ResponseError(-32800, 'The request was cancelled.', {
          type: 'RequestCancelled',
          recommendation: 'Send the request again when its result is wanted.',
        });
      }
      return new ResponseError(code, message, data);
    }
  });
  connection.onNotification('exit', () => {
    process.exitCode = shutdown ? 0 : 1;
    connection.dispose();
    process.stdin.destroy();
  });
  connection.onError(([error]) => log.error('the connection failed', { error: error.message }));
  connection.listen();
}
