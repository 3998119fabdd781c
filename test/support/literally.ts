/** A pattern that a text matches and no other: a path on Windows is full of signs that mean something in one. */
export const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
