import { percentDecoded } from '../base/percent-encoding.js';
import { nameFault } from '../content/image/image-path.js';
import { contentKey } from '../contract/types.js';

/** What Office asks a custom BITS manager for: a file of a registered content source. */
export interface SourceUrl {
  readonly contentId: string;
  /** Below the root of the source, with slashes; checked, so that it cannot leave the root. */
  readonly path: string;
}

/** The longest remote name. https://learn.microsoft.com/windows/win32/api/bits/ns-bits-bg_file_info */
const maxUrlLength = 2200;

/**
 * Takes `cmbits://<contentid>/<relative path>` apart; null where it is something else, or where its path could leave the
 * root. The path is percent-decoded once: what is still encoded after that is part of a name. Neither case nor braces of the
 * contentid matter, nor does the case of the scheme; a backslash counts as a slash, and several slashes as one.
 */
export function parseSourceUrl(url: string): SourceUrl | null {
  if (url.length > maxUrlLength) return null;
  const [, contentId = '', encoded = ''] = /^cmbits:[\\/]{2}([^\\/?#]+)[\\/]+([^?#]+)$/i.exec(url) ?? [];
  const decodedId = percentDecoded(contentId);
  // Not before decoding: %2F and %5C are separators like any other once Windows sees them, and are to be judged as such.
  const path = percentDecoded(encoded)
    ?.replaceAll(/[\\/]+/g, '/')
    .replace(/^\//, '');
  if (!decodedId || !path) return null;
  if (path.split('/').some((name) => nameFault(name) !== null)) return null;
  return { contentId: contentKey(decodedId), path };
}
