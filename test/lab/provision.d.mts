export interface Lab {
  /** WINEPREFIX of the Windows of this worker. */
  readonly prefix: string;
  /** Drive C as a Unix path. */
  readonly driveC: string;
  /** What every process of the lab runs with, besides the environment of the test. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a Windows program with usable standard streams: `wine relay PROGRAM ...`. */
  readonly relay: string;
  /** A Unix program that is Node for Windows; takes scripts on drive C by their Unix path. */
  readonly node: string;
  /** What `process.version` is there. */
  readonly nodeVersion: string;
  /** The built bridge under `C:\Program Files`, as a Unix path. */
  readonly bridge: string;
  /** For `startBridge({ command })`: Node for Windows and the bridge. */
  readonly bridgeCommand: readonly string[];
  /** Where `dist` and `powershell` lie as in a clone of the repository, as a Windows path. */
  readonly clone: string;
}

export interface NoLab {
  readonly ok: false;
  /** Whether this machine has what the lab needs, so that its absence is a fault. */
  readonly expected: boolean;
  readonly reason: string;
}

/** Makes the lab where it is missing or old, and starts its server; says why where that cannot be done. */
export function provision(): Promise<{ readonly ok: true; readonly lab: Lab } | NoLab>;

/** Another Node for Windows in the same prefix: a program as `lab.node`, and its version. */
export function otherNode(lab: Lab, major: '24' | '26'): { readonly node: string; readonly version: string };

/** Ends every process of the lab, in each of its Windows. */
export function stop(): void;

/** Ends every process of this worker's Windows and starts its server anew. */
export function restart(): void;
