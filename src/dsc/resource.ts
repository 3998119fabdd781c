import type * as z from 'zod/mini';
import type { Method, Params, Result } from '../contract/method.js';

/** Calls a method of the bridge; rejects with a `Failure`. */
export type Call = <M extends Method>(method: M, params: Partial<Params<M>>) => Promise<Result<M>>;

/** What DSC shows people, by level; see https://learn.microsoft.com/powershell/dsc/reference. */
export type Trace = Readonly<Record<'error' | 'warn' | 'info' | 'debug' | 'trace', (message: string) => void>>;

/** What a resource works with. */
export interface Machine {
  readonly call: Call;
  readonly trace: Trace;
  /** Now, by the wall clock. */
  now(): Date;
}

/** What `set` does about one property. */
export interface Step {
  /** The property that is not as wanted. */
  readonly property: string;
  /** For people: what is going to be done. */
  readonly description: string;
  run(): Promise<Outcome>;
}

/** What a step asks for in the end. */
export interface Outcome {
  /** In DSC's own form: `{service: name}` or `{system: name}`. */
  readonly restartRequired?: Readonly<Record<string, string>>;
}

/** A DSC v3 resource: a state that can be read, and the steps that bring it to a wanted one. */
export interface Resource<S extends z.ZodMiniObject = z.ZodMiniObject> {
  /** `owner/Name`, as configuration documents call it. */
  readonly type: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Both what may be wanted and what is reported. Read-only properties are marked and ignored where wanted. */
  readonly state: S;
  get(machine: Machine): Promise<z.output<S>>;
  /** What has to be done so that `actual` becomes `desired`; nothing where it is so. */
  plan(desired: z.output<S>, actual: z.output<S>, machine: Machine): readonly Step[];
  /** Whether there is an instance to export. */
  exists(actual: z.output<S>): boolean;
}
