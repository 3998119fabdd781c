/** Bundles programs that may use koffi; `entryPoints` maps the name of each output to its source. */
export function bundleInto(outdir: string, entryPoints: Readonly<Record<string, string>>): Promise<void>;
/** Builds everything that dist/ holds into an empty folder. */
export function buildInto(outdir: string): Promise<void>;
