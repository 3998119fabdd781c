/**
 * Deepest nesting of JSON that the bridge takes from a client, a service or Office. What it hands on stays below the 100
 * levels at which Windows PowerShell stops reading, and far below those at which JSON.stringify ends its stack.
 */
export const maxDepth = 64;

/** Whether arrays and objects are nested deeper in a JSON value than `levels`. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(levels - 1, member));
}
