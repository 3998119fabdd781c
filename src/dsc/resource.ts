import type * as z from 'zod/mini';
import type { Method, Params, Result } from '../contract/method.js';

/** Calls a method of the bridge; rejects with a `Failure`. */
export type Call = <M extends Method>(method: M, params: Partial<Params<M>>) => Promise<Result<M>>;

/** What people are shown, by level; see https://learn.microsoft.com/powershell/dsc/reference for DSC's. */
export type Trace = Readonly<Record<'error' | 'warn' | 'info' | 'debug' | 'trace', (message: string) => void>>;

/** What a resource works with. */
export interface Machine {
  readonly call: Call;
  readonly trace: Trace;
  /** Now, by the wall clock. */
  now(): Date;
  /** Whether the process has the rights of an administrator. */
  elevated(): Promise<boolean>;
}

/** Why a property is not as wanted: for programs and, in a sentence, for people. */
export interface Reason {
  readonly code: string;
  readonly phrase: string;
}

/** How steps are run. */
export interface RunOptions {
  /** Whether to wait for the end of what is started. */
  readonly wait: boolean;
  /** Milliseconds that are left for all that is still to be done; undefined without a limit. */
  remainingMs(): number | undefined;
}

/** What `set` does about one property. */
export interface Step<State = object> {
  /** The property that is not as wanted. */
  readonly property: string;
  readonly reason: Reason;
  /** For people: what is going to be done. */
  readonly description: string;
  /** Throws what `run` would throw, as far as it shows beforehand. */
  check(options: Pick<RunOptions, 'wait'>): Promise<void>;
  /** Whether a service has to restart after it, before anything else can be done, as far as it shows beforehand. */
  restartsService?(): Promise<boolean>;
  /** The state after it; what cannot be known beforehand is left out. */
  predict(state: State): State;
  run(options: RunOptions): Promise<Outcome>;
}

/** What came of a step. */
export interface Outcome {
  /** What was done, as one clause for people; null where there was nothing left to do. */
  readonly done: string | null;
  /** Whether Windows is still at work on it. */
  readonly continues?: boolean;
  /** The property that stays as it is since the update source has nothing newer; no failure. */
  readonly nothingNewerFor?: string;
  /** In DSC's own form: `{service: name}` or `{system: name}`. */
  readonly restartRequired?: Readonly<Record<string, string>>;
}

/** A state that can be read, and the steps that bring it to a wanted one. */
export interface Resource<S extends z.ZodMiniObject = z.ZodMiniObject> {
  /** `owner/Name`, as DSC's configuration documents call it. */
  readonly type: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Both what may be wanted and what is reported. Read-only properties are marked and ignored where wanted. */
  readonly state: S;
  /** The properties that can only be wanted: no state shows them. */
  readonly wantedOnly: readonly string[];
  get(machine: Machine, desired: z.output<S>): Promise<z.output<S>>;
  /** What has to be done so that `actual` becomes `desired`; nothing where it is so. Throws where `desired` contradicts itself. */
  plan(desired: z.output<S>, actual: z.output<S>, machine: Machine): readonly Step<z.output<S>>[];
  /** Whether there is an instance to export. */
  exists(actual: z.output<S>): boolean;
}
