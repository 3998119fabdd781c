import { parseXml } from './xml.js';

/** Text that Office gave as what it says: JSON as it is, XML as elements; null where it is neither. */
export function parsedDeploymentData(raw: string | null): unknown {
  if (raw === null) return null;
  try {
    return JSON.parse(raw);
  } catch {
    return parseXml(raw);
  }
}
