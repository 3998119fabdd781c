import { fromFileSystem } from '../base/file-errors.js';
import { HttpFault, networkError } from './http/faults.js';

/** What an error of this room means: a refusal by the file system, or an exchange that nobody tried again. */
export function explainContent(error: unknown): unknown {
  return error instanceof HttpFault ? networkError(error, 1) : fromFileSystem(error);
}
