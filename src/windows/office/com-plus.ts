import { type ComPlusFacts, comPlusApplication } from '../../c2r/com-plus.js';
import {
  CLSID_COMAdminCatalog,
  ICatalogCollection,
  ICatalogObject,
  ICOMAdminCatalog,
  IID_ICatalogCollection,
  IID_ICatalogObject,
  IID_ICOMAdminCatalog,
} from '../abi/com-admin.js';
import { IUnknown } from '../abi/ole32.js';
import { withBstr } from '../native/bstr.js';
import { type ComObject, createInstance, methodOf, releaseOnPool, usingObject } from '../native/com.js';
import { checkHResult } from '../native/failed-calls.js';
import { guidBytes } from '../native/guid.js';
import { pointerAt, pointerSlot } from '../native/native.js';
import { emptyVariant, takeText, withTextVariant } from '../native/variant.js';

type Collection = ComObject<'ICatalogCollection'>;
type CatalogObject = ComObject<'ICatalogObject'>;

/** More than any catalogue holds; a count beyond that is not believed. */
const maxItems = 10_000;

/** What the COM+ catalogue says about Office's application; null where it has none. Throws `HResultError` where it cannot be read. */
export function comPlusFacts(): Promise<ComPlusFacts | null> {
  const catalog = createInstance<'ICOMAdminCatalog'>(CLSID_COMAdminCatalog, IID_ICOMAdminCatalog);
  return usingObject(catalog, (opened) =>
    usingObject(applicationsOf(opened), async (applications) => {
      for await (const application of items(applications)) {
        if (!isOurs(await keyOf(application))) continue;
        const identity = await textOf(application, 'Identity');
        return { identity: identity ?? '', components: await componentsOf(applications) };
      }
      return null;
    }),
  );
}

function isOurs(key: string | null): boolean {
  return key?.toUpperCase() === comPlusApplication.id;
}

function applicationsOf(catalog: ComObject<'ICOMAdminCatalog'>): Promise<Collection> {
  return withBstr('Applications', async (name) => {
    const out = pointerSlot();
    const hresult = await methodOf(catalog, ICOMAdminCatalog.GetCollection).onPool(catalog, name, out);
    checkHResult('ICOMAdminCatalog::GetCollection', hresult);
    return populated(out);
  });
}

async function componentsOf(applications: Collection): Promise<string[]> {
  const components = await withTextVariant(comPlusApplication.id, (key) =>
    withBstr('Components', async (name) => {
      const out = pointerSlot();
      const hresult = await methodOf(applications, ICatalogCollection.GetCollection).onPool(
        applications,
        name,
        key,
        out,
      );
      checkHResult('ICatalogCollection::GetCollection', hresult);
      return populated(out);
    }),
  );
  return usingObject(Promise.resolve(components), async (collection) => {
    const found: string[] = [];
    for await (const component of items(collection)) found.push((await keyOf(component)) ?? '');
    return found;
  });
}

/** The collection that a call left as an IDispatch, filled from the catalogue. */
async function populated(out: Buffer): Promise<Collection> {
  const collection = await as<'ICatalogCollection'>(out, IID_ICatalogCollection, 'ICatalogCollection');
  try {
    const hresult = await methodOf(collection, ICatalogCollection.Populate).onPool(collection);
    checkHResult('ICatalogCollection::Populate', hresult);
    return collection;
  } catch (error) {
    await releaseOnPool(collection);
    throw error;
  }
}

/** Each item of a collection; released when the next one is asked for. */
async function* items(collection: Collection): AsyncGenerator<CatalogObject> {
  const count = Buffer.alloc(4);
  const hresult = await methodOf(collection, ICatalogCollection.get_Count).onPool(collection, count);
  checkHResult('ICatalogCollection::get_Count', hresult);
  for (let index = 0; index < Math.min(count.readInt32LE(0), maxItems); index++) {
    const out = pointerSlot();
    const got = await methodOf(collection, ICatalogCollection.get_Item).onPool(collection, index, out);
    checkHResult('ICatalogCollection::get_Item', got);
    const item = await as<'ICatalogObject'>(out, IID_ICatalogObject, 'ICatalogObject');
    try {
      yield item;
    } finally {
      await releaseOnPool(item);
    }
  }
}

async function keyOf(item: CatalogObject): Promise<string | null> {
  const variant = emptyVariant();
  checkHResult('ICatalogObject::get_Key', await methodOf(item, ICatalogObject.get_Key).onPool(item, variant));
  return takeText(variant);
}

function textOf(item: CatalogObject, name: string): Promise<string | null> {
  return withBstr(name, async (property) => {
    const variant = emptyVariant();
    const hresult = await methodOf(item, ICatalogObject.get_Value).onPool(item, property, variant);
    checkHResult('ICatalogObject::get_Value', hresult);
    return takeText(variant);
  });
}

/** The object in `out` by another of its interfaces; the reference in `out` is given back. */
function as<I extends string>(out: Buffer, iid: string, name: string): Promise<ComObject<I>> {
  const object = pointerAt<'IDispatch'>(out) as ComObject<'IDispatch'>;
  return usingObject(Promise.resolve(object), async () => {
    const other = pointerSlot();
    const hresult = await methodOf(object, IUnknown.QueryInterface).onPool(object, guidBytes(iid), other);
    checkHResult(`IUnknown::QueryInterface(${name})`, hresult);
    return pointerAt<I>(other) as ComObject<I>;
  });
}
