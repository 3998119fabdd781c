import type { Area, Handlers, Method } from '../contract/method.js';
import type { Run } from '../contract/run.js';

/** A method with what carries it out. `params` have passed the method's schema. */
export interface Operation {
  readonly method: Method;
  run(params: unknown, run: Run): Promise<unknown>;
}

/** Joins an area of the contract with the feature that implements it; a missing handler does not compile. */
export function operations<A extends Area>(area: A, handlers: Handlers<A>): readonly Operation[] {
  return Object.keys(area).map((key) => ({
    method: area[key] as Method,
    run: handlers[key] as Operation['run'],
  }));
}

/**
 * Areas by the part of the method name before the slash (`''` for names without one). Each is loaded when the first of
 * its methods is called, so that start-up pays for nothing else.
 */
export type Catalog = Readonly<Record<string, () => Promise<readonly Operation[]>>>;
