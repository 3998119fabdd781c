/** For `catch`: null where there is no such file. What else the file system says says nothing about the file. */
export function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
