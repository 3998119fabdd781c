import { isDeeperThan, maxDepth } from '../base/depth.js';
import { parseXml } from './xml.js';

/** Text that Office gave as what it says: JSON as it is, XML as elements; null where it is neither, or nested too deeply. */
export function parsedDeploymentData(raw: string | null): unknown {
  if (raw === null) return null;
  try {
    const value: unknown = JSON.parse(raw);
    return isDeeperThan(maxDepth, value) ? null : value;
  } catch {
    return parseXml(raw);
  }
}
