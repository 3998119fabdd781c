# Detection script of the Win32 app: says one line and exits with 0 where this version or a newer one is installed for all
# users; says nothing and exits with 1 where it is not. Intune takes exit code 0 together with output as "installed".
param(
    [version] $MinimumVersion = '0.1.0',
    [string] $ModulePath
)

# In a 32-bit host ProgramFiles is the wrong one of two.
$programFiles = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
if (-not $ModulePath) { $ModulePath = [IO.Path]::Combine($programFiles, 'WindowsPowerShell', 'Modules') }
$folder = [IO.Path]::Combine($ModulePath, 'C2RBridge')
$versions = @(
    if ([IO.Directory]::Exists($folder)) {
        foreach ($path in [IO.Directory]::GetDirectories($folder)) {
            $version = [IO.Path]::GetFileName($path) -as [version]
            # Both have to be there: a version that Uninstall.ps1 could not remove as a whole is none.
            $whole = [IO.File]::Exists([IO.Path]::Combine($path, 'C2RBridge.psd1')) -and [IO.File]::Exists([IO.Path]::Combine($path, 'bin', 'c2r-bridge.cjs'))
            if ($null -ne $version -and $whole) { $version }
        }
    }
)
$newest = $versions | Sort-Object -Descending | Select-Object -First 1
if ($null -eq $newest -or $newest -lt $MinimumVersion) { exit 1 }
"C2RBridge $newest is installed."
exit 0
