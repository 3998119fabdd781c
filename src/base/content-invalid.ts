import { withoutCredentials } from './credentials.js';
import { Failure } from './failure.js';

interface ContentDetails {
  /** The path in the image, or the file object of the list. */
  readonly file?: unknown;
  readonly url?: string | undefined;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly cabinet?: string;
  readonly member?: string;
  readonly recommendation?: string;
}

/** Content, or the list of it, is not what it must be. The URLs of `details` are shown without what they keep secret. */
export function contentInvalid(message: string, details: ContentDetails): Failure {
  const { file, url } = details;
  return new Failure('ContentInvalid', message, {
    ...details,
    ...(url === undefined ? {} : { url: withoutCredentials(url) }),
    ...(typeof file === 'object' && file !== null ? { file: fileObjectWithoutCredentials(file) } : {}),
    recommendation: details.recommendation ?? 'Check where the content comes from; nothing of it was put in place.',
  });
}

function fileObjectWithoutCredentials(file: object): object {
  return Object.fromEntries(
    Object.entries(file).map(([key, value]) => [key, typeof value === 'string' ? withoutCredentials(value) : value]),
  );
}
