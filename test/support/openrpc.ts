/** An OpenRPC document with each reference replaced by what it leads to, which throws where it leads nowhere. */
export function dereferenced<
  D extends { readonly components: { readonly schemas: Readonly<Record<string, unknown>> } },
>(document: D): D {
  const of = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(of);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...rest } = value as { readonly $ref?: unknown };
    if (typeof $ref !== 'string')
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, of(each)]));
    const target = document.components.schemas[$ref.replace('#/components/schemas/', '')];
    if (target === undefined) throw new Error(`${$ref} leads nowhere.`);
    return { ...(of(target) as object), ...rest };
  };
  return of(document) as D;
}
