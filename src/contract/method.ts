import { en } from 'zod/locales';
import * as z from 'zod/mini';
import type { Run } from '../base/run.js';
import type { ErrorType } from './errors.js';

// zod/mini, which halves the bridge's largest library, speaks no language until it is given one.
z.config(en());

/** A token of the client's own choosing that labels the `$/progress` notifications of one request. */
const progressToken = () =>
  z
    .union([z.string().check(z.maxLength(256)), z.int()])
    .check(z.describe('Labels the `$/progress` notifications of this request; without it none are sent.'));

/** One method of the bridge: the single place that says what it takes, gives, reports and may fail with. */
export interface Method<
  P extends z.ZodMiniObject = z.ZodMiniObject,
  R extends z.ZodMiniType = z.ZodMiniType,
  G extends z.ZodMiniType = z.ZodMiniType,
> {
  readonly name: string;
  readonly summary: string;
  /** By name. An optional one, or an optional member of an object in it, may also be null, which means that it is absent. */
  readonly params: P;
  readonly result: R;
  /** The shape of `$/progress` values, or undefined where the method reports none. */
  readonly progress: G | undefined;
  /** The application errors that callers should expect, besides JSON-RPC's own. */
  readonly errors: readonly ErrorType[];
}

interface Definition<P extends z.ZodMiniObject, R extends z.ZodMiniType, G extends z.ZodMiniType> {
  readonly summary: string;
  readonly params: P;
  readonly result: R;
  readonly progress?: G;
  readonly errors?: readonly ErrorType[];
}

/**
 * Declares a method. A method with `progress` takes a `progressToken` besides its own params. Of a definition with
 * getters (`get result() {…}`) each schema is built when it is first needed: most results are never described.
 */
export function method<P extends z.ZodMiniObject, R extends z.ZodMiniType, G extends z.ZodMiniType = z.ZodMiniNever>(
  name: string,
  definition: Definition<P, R, G>,
): Method<P, R, G> {
  let params: P | undefined;
  return {
    name,
    summary: definition.summary,
    get params() {
      params ??= definition.progress
        ? (z.extend(definition.params, { progressToken: z.optional(progressToken()) }) as unknown as P)
        : definition.params;
      return params;
    },
    get result() {
      return definition.result;
    },
    get progress() {
      return definition.progress;
    },
    errors: definition.errors ?? [],
  };
}

/** The methods of one area, keyed by the name that its handlers use. */
export type Area = Readonly<Record<string, Method>>;

export type Params<M extends Method> = z.output<M['params']>;
export type Result<M extends Method> = z.output<M['result']>;
export type Progress<M extends Method> =
  M extends Method<z.ZodMiniObject, z.ZodMiniType, infer G> ? z.output<G> : never;

/** What a feature implements: one function a method, which knows nothing of JSON-RPC. */
export type Handlers<A extends Area> = {
  readonly [K in keyof A]: (params: Params<A[K]>, run: Run<Progress<A[K]>>) => Promise<Result<A[K]>>;
};
