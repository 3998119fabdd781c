/**
 * Parses a JSON text that somebody wrote by hand, with or without a BOM. The SyntaxError says what is wrong in V8's words, but
 * without the piece of the text that V8 may add to them: it may hold a password.
 */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const fault = (error as Error).message.replace(/,? ?(\.\.\.)?".*"(\.\.\.)? is not valid JSON$/s, '');
    throw new SyntaxError(fault === '' ? 'it is not JSON' : fault);
  }
}
