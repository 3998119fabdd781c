# What a child of ours needs. A list of what it may have, not of what it may not: NODE_OPTIONS, NODE_PATH, OPENSSL_CONF,
# LD_PRELOAD and their like, which come from the parent process, would run foreign code in a process that may be SYSTEM.
$script:InheritedVariables = @(
    # Ours, and where ssh finds its agent.
    'C2R_BACKEND', 'C2R_SIMULATION', 'SSH_AUTH_SOCK'
    # What Windows itself, the C runtime and COM look for.
    'SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'OS', 'NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'
    'ProgramData', 'ALLUSERSPROFILE', 'PUBLIC', 'ProgramFiles', 'ProgramFiles(x86)', 'ProgramW6432'
    'CommonProgramFiles', 'CommonProgramFiles(x86)', 'CommonProgramW6432'
    'COMPUTERNAME', 'USERNAME', 'USERDOMAIN', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'HOMEDRIVE', 'HOMEPATH'
    'TEMP', 'TMP', 'PATH'
    # The same elsewhere.
    'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LC_MESSAGES', 'TZ'
)

function Limit-BridgeEnvironment {
    # Removes everything else from the environment that a process is about to be started with.
    param($Environment)

    # On .NET Framework the dictionary has its names in lower case.
    foreach ($name in @($Environment.Keys)) {
        if ($script:InheritedVariables -notcontains $name) { $Environment.Remove($name) }
    }
    # The bridge runs in another folder than the script that says `./scenario.json`.
    $simulation = "$env:C2R_SIMULATION"
    if ($simulation -and -not $simulation.TrimStart().StartsWith('{')) {
        $Environment['C2R_SIMULATION'] = Resolve-FileSystemPath -Path $simulation
    }
}
