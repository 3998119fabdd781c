/** An XML element in a shape that JSON and PowerShell can walk through. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

/** Deeper than any document that Office writes, and shallow enough for every JSON reader. */
const maxDepth = 64;

const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?=]+)((?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const attribute = /([^\s<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
}

/**
 * Parses a small, well-formed document; null for anything else. Document types are refused, and with them every entity
 * besides the five of XML itself: the text comes from another process.
 */
export function parseXml(text: string): XmlElement | null {
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (!match) return null;
    at = token.lastIndex;
    const [, cdata, closing, opening, attributes, selfClosing, raw] = match;
    const parent = open.at(-1);
    if (opening !== undefined) {
      if ((root && !parent) || open.length === maxDepth) return null;
      const values = parseAttributes(attributes ?? '');
      if (!values) return null;
      const element: OpenElement = { name: opening, attributes: values, children: [] };
      if (parent) parent.children.push(element);
      else root = element;
      if (!selfClosing) open.push(element);
    } else if (closing !== undefined) {
      if (parent?.name !== closing) return null;
      open.pop();
    } else {
      const content = cdata ?? (raw === undefined ? '' : decodeEntities(raw));
      if (content === null) return null;
      if (content.trim() === '') continue;
      if (!parent) return null;
      parent.children.push(content);
    }
  }
  return open.length === 0 ? root : null;
}

function parseAttributes(text: string): Record<string, string> | null {
  const values = new Map<string, string>();
  for (const [, name = '', double, single] of text.matchAll(attribute)) {
    const value = decodeEntities(double ?? single ?? '');
    if (value === null || values.has(name)) return null;
    values.set(name, value);
  }
  // Object.fromEntries defines properties: a name such as __proto__ stays a name.
  return Object.fromEntries(values);
}

const namedEntities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Null where an entity is unknown or an ampersand stands alone. */
function decodeEntities(text: string): string | null {
  let valid = true;
  const decoded = text.replace(/&(?:#x([0-9a-f]{1,6});|#(\d{1,7});|([a-z]+);)?/gi, (_, hex, decimal, name) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const character = name === undefined ? fromCodePoint(code) : namedEntities[name];
    if (character === undefined) valid = false;
    return character ?? '';
  });
  return valid ? decoded : null;
}

function fromCodePoint(code: number): string | undefined {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
