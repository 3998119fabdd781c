/** The folder where a PowerShell for a platform such as `win-x64` lies once it is built: named after what it is built from. */
export function hostFolder(platform: string): string;
