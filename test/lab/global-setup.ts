import { stop } from './provision.mjs';

/** Leaves no Wine process behind, whichever test files asked for the lab. */
export function teardown(): void {
  stop();
}
