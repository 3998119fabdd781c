import * as z from 'zod/mini';

/**
 * The name of an object's type, as a check beside `z.describe`. The type stands once in the OpenRPC document, and what is
 * generated from that has one type of the name. It says nothing on the wire.
 */
export const named = (title: string) => z.meta({ title });

/** `z.object` with the name of its type. */
export function namedObject<S extends Readonly<Record<string, z.ZodMiniType>>>(title: string, shape: S) {
  return z.object(shape).check(named(title));
}
