import { XmlElement as ParsedElement, parseXml as parse, XmlText } from '@rgrove/parse-xml';
import { maxDepth } from '../base/depth.js';

/** An XML element in a shape that JSON and PowerShell can walk through. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

/** Deeper than any document that Office writes. Each element takes two levels of JSON: its own and that of its children. */
const maxElementDepth = maxDepth / 2;

/**
 * Parses a small, well-formed document; null for anything else. Entities besides the five of XML itself are refused,
 * whatever a document type may declare: the text comes from another process.
 */
export function parseXml(text: string): XmlElement | null {
  try {
    const { root } = parse(text);
    return root && shaped(root, 1);
  } catch {
    // Not XML, or nested until the parser's own stack ended.
    return null;
  }
}

function shaped(element: ParsedElement, depth: number): XmlElement {
  if (depth > maxElementDepth) throw new RangeError('nested too deeply');
  const children = element.children.flatMap((child): (XmlElement | string)[] => {
    if (child instanceof ParsedElement) return [shaped(child, depth + 1)];
    return child instanceof XmlText && child.text.trim() !== '' ? [child.text] : [];
  });
  return { name: element.name, attributes: { ...element.attributes }, children };
}
