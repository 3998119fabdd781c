import { nameFault } from '../content/image/image-path.js';
import { contentKey } from '../contract/types.js';

/** What Office asks a custom BITS manager for: a file of a registered content source. */
export interface SourceUrl {
  readonly contentId: string;
  /** Below the root of the content, with slashes; checked, so that it cannot leave the root. */
  readonly path: string;
}

/** The longest remote name. https://learn.microsoft.com/windows/win32/api/bits/ns-bits-bg_file_info */
const maxUrlLength = 2200;

/**
 * Takes `cmbits://<contentid>/<relative path>` apart; null where it is none, or where its path could leave the root. The
 * path is percent-decoded once: what is still encoded after that is part of a name. Neither case nor braces of the
 * contentid matter, nor does the case of the scheme.
 */
export function parseSourceUrl(url: string): SourceUrl | null {
  if (url.length > maxUrlLength) return null;
  const [, contentId = '', encoded = ''] = /^cmbits:\/\/([^/?#]+)\/([^?#]+)$/i.exec(url) ?? [];
  const decodedId = decoded(contentId);
  const path = decoded(encoded);
  if (!decodedId || !path) return null;
  // Not before decoding: %2F is a separator like any other once Windows sees it, and is to be judged as one.
  if (path.split('/').some((name) => nameFault(name) !== null)) return null;
  return { contentId: contentKey(decodedId), path };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
