import { contentInvalid } from '../../base/content-invalid.js';
import type { SkuEntry } from '../../contract/content.js';
import { collection, entryObject, field, isObject, type Json, text } from './json.js';

/**
 * The products as the service sends them. Throws ContentInvalid for what is not a list of products; what an entry lacks is
 * null or empty.
 */
export function parseSkus(body: unknown, url: string): SkuEntry[] {
  return collection(body, 'skus', url).map((entry) => {
    const object = entryObject(entry, url);
    const productId = text(object, 'productID', 'productReleaseId', 'skuId', 'id');
    const name = text(object, 'name') ?? productId;
    if (name === null) throw contentInvalid('A product has neither a name nor an id.', { file: entry, url });
    return {
      name,
      displayName: text(object, 'displayName', 'title') ?? (productId !== null && name !== productId ? name : null),
      productId,
      license: text(object, 'license'),
      channels: namesIn(field(object, 'channels')),
      recommendedChannel: text(object, 'recommendedChannel'),
      apps: appsIn(object),
      raw: { ...object },
    };
  });
}

/** Names in an array of them, in an array of objects with names, or as the keys of an object. */
function namesIn(value: unknown): string[] {
  if (isObject(value)) return Object.keys(value);
  if (!Array.isArray(value)) return [];
  return value
    .map((item) => (isObject(item) ? text(item, 'name', 'channel') : item))
    .filter((name): name is string => typeof name === 'string' && name !== '');
}

function appsIn(sku: Json): SkuEntry['apps'] {
  const listed = field(sku, 'officeApps');
  if (!Array.isArray(listed)) return namesIn(listed).map((name) => ({ name, appId: null }));
  return listed.flatMap((item) => {
    if (typeof item === 'string') return [{ name: item, appId: null }];
    const name = isObject(item) ? text(item, 'name', 'appID') : null;
    return isObject(item) && name !== null ? [{ name, appId: text(item, 'appID') }] : [];
  });
}
