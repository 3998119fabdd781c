using System.Runtime.InteropServices;

namespace C2RBridge.PowerShellHost;

/// <summary>Lets a script do to handles of Windows what a careless program does.</summary>
public static class Handles
{
    private const int Inherit = 1;

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool SetHandleInformation(SafeHandle handle, int mask, int flags);

    /// <summary>Every process that is started from now on holds this handle open, too.</summary>
    public static bool PassOn(SafeHandle handle) => SetHandleInformation(handle, Inherit, Inherit);
}
