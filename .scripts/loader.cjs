// How c2r-bridge.cjs runs the modules that it is made of. .scripts/build.mjs puts this file in front of them.

/**
 * Runs the bridge. Everything beside it is loaded on first use, and only where it is what this build had: a bit that fell
 * over in a script may mean anything. A script is run from the very bytes that were checked, whatever lies there a moment
 * later. What cannot be loaded is a `DamagedInstallationError`, which rpc/service.ts and main.ts know by name.
 *
 * @typedef {(require: (name: string) => unknown, module: { exports: object }, exports: object) => void} Chunk
 *
 * @param {object} bridge
 * @param {Record<string, Chunk>} bridge.chunks
 *   The modules that every start needs, by the names under which they require each other
 * @param {Readonly<Record<string, string>>} bridge.hashes SHA-256 of each file beside the bridge
 * @param {string} bridge.version
 * @param {string} bridge.ownHashLine What stands before the bridge's own hash, in its last line
 * @param {string} bridge.folder
 * @param {(name: string) => any} bridge.load The bridge's own `require`
 */
module.exports = function runBridge({ chunks, hashes, version, ownHashLine, folder, load }) {
  /** @type {Map<string, { exports: object }>} */
  const loaded = new Map();
  /** @type {ReturnType<typeof openFeatures> | undefined} */
  let features;
  const pathOf = (/** @type {string} */ file) => load('path').join(folder, file);
  const sha256 = (/** @type {Buffer} */ bytes) => load('crypto').createHash('sha256').update(bytes).digest('hex');

  /**
   * @param {string} file
   * @param {string} reason
   */
  function damaged(file, reason) {
    return Object.assign(new Error(`${pathOf(file)} ${reason}`), { name: 'DamagedInstallationError' });
  }

  /**
   * @param {string} file
   * @returns {Buffer}
   */
  function read(file) {
    try {
      return load('fs').readFileSync(pathOf(file));
    } catch (caught) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (caught);
      throw damaged(file, code === 'ENOENT' ? 'is missing' : `cannot be read: ${message}`);
    }
  }

  /** @param {string} file */
  function checked(file) {
    const bytes = read(file);
    if (sha256(bytes) === hashes[file]) return bytes;
    const [, other = version] = /^\/\/ c2r-bridge (\S+)\n/.exec(bytes.toString('latin1', 0, 99)) ?? [];
    if (other === version) throw damaged(file, 'is damaged, or of another build than c2r-bridge.cjs');
    throw damaged(file, `belongs to version ${other}, and c2r-bridge.cjs is version ${version}`);
  }

  function checkBridge() {
    const bytes = read('./c2r-bridge.cjs');
    const end = bytes.lastIndexOf(ownHashLine);
    if (sha256(bytes.subarray(0, end)) === bytes.toString('latin1', end + ownHashLine.length).trim()) return;
    throw damaged('./c2r-bridge.cjs', 'is damaged');
  }

  /**
   * @param {string} file
   * @param {string} text
   * @returns {Chunk}
   */
  function compile(file, text) {
    const filename = pathOf(file);
    const names = ['require', 'module', 'exports', '__dirname', '__filename'];
    const script = load('vm').compileFunction(text, names, { filename });
    return (require, module, exports) => script(require, module, exports, folder, filename);
  }

  /**
   * The second line of features.cjs says where in the rest of it each chunk is.
   * @returns {{ text: string, places: Readonly<Record<string, readonly [number, number]>> }}
   */
  function openFeatures() {
    checkBridge();
    const text = checked('./features.cjs').toString('latin1');
    const [first = '', second = ''] = text.split('\n', 2);
    return { text: text.slice(first.length + second.length + 2), places: JSON.parse(second.slice('// '.length)) };
  }

  /**
   * V8 compiles nothing of features.cjs but what is required.
   * @param {string} name
   */
  function chunkOf(name) {
    const chunk = chunks[name];
    if (chunk) return chunk;
    features ??= openFeatures();
    const [start, end] = /** @type {readonly [number, number]} */ (features.places[name]);
    return compile(`./features.cjs/${name.slice(2)}`, features.text.slice(start, end));
  }

  /** @param {string} file */
  function loadBeside(file) {
    if (file === './libarchive.cjs') checked('./libarchive.wasm');
    if (!hashes[file]) return load(file);
    const bytes = checked(file);
    if (!file.endsWith('.cjs')) return load(file);
    const module = { exports: {} };
    compile(file, bytes.toString())(load, module, module.exports);
    return module.exports;
  }

  /**
   * @param {string} name
   * @returns {unknown}
   */
  function requireModule(name) {
    const known = loaded.get(name);
    if (known) return known.exports;
    if (!name.startsWith('./c')) return loadBeside(name);
    const module = { exports: {} };
    loaded.set(name, module);
    try {
      chunkOf(name)(requireModule, module, module.exports);
    } catch (cause) {
      // What it lacked may be there by the next time.
      loaded.delete(name);
      throw cause;
    }
    return module.exports;
  }

  requireModule('./c2r-bridge.cjs');
};
