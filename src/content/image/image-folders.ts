import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';
import { contentInvalid } from '../../base/content-invalid.js';

const { O_DIRECTORY, O_NOFOLLOW } = constants;

/** Where Linux lets a process reach what it has open. https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html */
const descriptors = '/proc/self/fd';

/** https://man7.org/linux/man-pages/man2/statfs.2.html */
const FUSE_SUPER_MAGIC = 0x65735546;

/**
 * The folders of an image while it is written. Others may be able to write there too, and could put a link in the place of
 * a folder between a look and a write.
 *
 * On Linux each folder is opened once, below its parent, and reached through what was opened ever after. Elsewhere folders
 * are reached by their paths, and `requirePlace` tells afterwards: as long as a file in it is open, Windows lets nobody
 * rename a folder, and makes no junction of one that is not empty.
 */
export class ImageFolders {
  readonly #opened = new Map<string, number>();

  private constructor(
    readonly root: string,
    readonly pins: boolean,
    private readonly inFuse: boolean,
  ) {}

  /**
   * Of an image whose root is there, by its real path; `pins` is whether folders can be reached once opened, `inFuse`
   * whether a process is its file system.
   */
  static open(
    root: string,
    pins = process.platform === 'linux' && existsSync(descriptors),
    inFuse = pins && statfsSync(root).type === FUSE_SUPER_MAGIC,
  ): ImageFolders {
    const folders = new ImageFolders(root, pins, inFuse);
    if (pins) folders.#opened.set('', openSync(root, O_DIRECTORY));
    return folders;
  }

  close(): void {
    for (const fd of this.#opened.values()) closeSync(fd);
    this.#opened.clear();
  }

  /**
   * By what path to write a file of the image; its folders are made. Throws ContentInvalid where one of them is a link or
   * a file.
   */
  fileToWrite(path: string): string {
    const [folder, name] = parted(path);
    return `${this.#made(folder, path)}/${name}`;
  }

  /** Throws ContentInvalid where an open file is not the one that lies at a path of the image. */
  requirePlace(path: string, fd: number): void {
    const [folder, name] = parted(path);
    if (!this.pins) this.#requireNoLinks(folder, path);
    const written = fstatSync(fd, { bigint: true });
    const there = statsOf(join(this.root, folder, name));
    if (there && (this.#isSame(there, written) || this.#isNumberedByPath(there, written, folder, name))) return;
    throw contentInvalid(`${join(this.root, path)} was moved while it was written.`, {
      file: path,
      recommendation: 'Stage into a folder where nobody else may write, then run again.',
    });
  }

  /** An error of the file system with the paths that people know. */
  named(error: unknown): unknown {
    if (!(error instanceof Error) || !('path' in error)) return error;
    for (const [folder, fd] of this.#opened) {
      const [reached, known] = [`${descriptors}/${fd}/`, `${join(this.root, folder)}/`];
      error.message = error.message.replaceAll(reached, known);
      error.path = String(error.path).replace(reached, known);
    }
    return error;
  }

  #isSame(there: BigIntStats, other: BigIntStats): boolean {
    // Windows numbers volumes in two ways; there the links have been looked for.
    return there.ino === other.ino && (there.dev === other.dev || !this.pins);
  }

  /**
   * A process may number files by their paths, as rclone does: one that was renamed while it is open has two numbers. Then
   * it is the pinned folder that tells.
   */
  #isNumberedByPath(there: BigIntStats, written: BigIntStats, folder: string, name: string): boolean {
    const pinned = this.#opened.get(folder);
    if (pinned === undefined || !this.inFuse) return false;
    const inFolder = statsOf(`${descriptors}/${pinned}/${name}`);
    const isLike = there.size === written.size && there.nlink === written.nlink;
    return isLike && inFolder !== undefined && this.#isSame(there, inFolder);
  }

  #requireNoLinks(folder: string, file: string): void {
    const at = join(this.root, folder);
    if (lstatSync(at).isSymbolicLink()) throw linkInTheWay(at, file);
    if (folder !== '') this.#requireNoLinks(parted(folder)[0], file);
  }

  #made(folder: string, file: string): string {
    if (folder === '' && !this.pins) return this.root;
    const known = this.#opened.get(folder);
    if (known !== undefined) return `${descriptors}/${known}`;
    const [parent, name] = parted(folder);
    const path = `${this.#made(parent, file)}/${name}`;
    try {
      mkdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!this.pins) {
      if (!lstatSync(path).isDirectory()) throw linkInTheWay(path, file);
      return path;
    }
    try {
      const fd = openSync(path, O_DIRECTORY | O_NOFOLLOW);
      this.#opened.set(folder, fd);
      return `${descriptors}/${fd}`;
    } catch (error) {
      if (!['ELOOP', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      throw linkInTheWay(join(this.root, folder), file);
    }
  }
}

/** The folder, empty for the root, and the name in it. */
function parted(path: string): readonly [folder: string, name: string] {
  const end = path.lastIndexOf('/');
  return end < 0 ? ['', path] : [path.slice(0, end), path.slice(end + 1)];
}

function linkInTheWay(place: string, file: string) {
  return contentInvalid(`${place} is a symbolic link or not a folder; staging does not write through links.`, {
    file,
    recommendation: 'Remove what lies there, or name another folder, then run again.',
  });
}

const statsOf = (path: string) => lstatSync(path, { bigint: true, throwIfNoEntry: false });
