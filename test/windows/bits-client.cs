// A client of a BITS manager, written from https://learn.microsoft.com/windows/win32/bits/bits-interfaces: downloads one file with
// one job and says how it ended. Only the methods that it calls have their parameters; the others keep their slots.
using System;
using System.Runtime.InteropServices;
using System.Threading;

[ComImport, Guid("5CE34C0D-0DC9-4C1F-897C-DAA1B78CEE7C"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
public interface IBackgroundCopyManager
{
    [PreserveSig]
    int CreateJob([MarshalAs(UnmanagedType.LPWStr)] string displayName, int type, out Guid id, out IBackgroundCopyJob job);
}

[ComImport, Guid("37668D37-507E-4160-9316-26306D150B12"), InterfaceType(ComInterfaceType.InterfaceIsIUnknown)]
public interface IBackgroundCopyJob
{
    void AddFileSet();
    [PreserveSig]
    int AddFile([MarshalAs(UnmanagedType.LPWStr)] string remoteUrl, [MarshalAs(UnmanagedType.LPWStr)] string localName);
    void EnumFiles();
    void Suspend();
    [PreserveSig]
    int Resume();
    [PreserveSig]
    int Cancel();
    [PreserveSig]
    int Complete();
    void GetId();
    void GetType_();
    void GetProgress();
    void GetTimes();
    [PreserveSig]
    int GetState(out int state);
}

public static class BitsClient
{
    private const int Error = 4;
    private const int Transferred = 6;

    /// <summary>Gives the last state of the job, 6 where it was transferred and completed.</summary>
    public static int Download(string clsid, string url, string target, int timeoutMs)
    {
        object server = Activator.CreateInstance(Type.GetTypeFromCLSID(new Guid(clsid), true));
        IBackgroundCopyManager manager = (IBackgroundCopyManager)server;
        Guid id;
        IBackgroundCopyJob job;
        Check(manager.CreateJob("c2r-bridge test", 0, out id, out job));
        Check(job.AddFile(url, target));
        Check(job.Resume());
        int state = 0;
        for (int waited = 0; waited < timeoutMs; waited += 100)
        {
            Check(job.GetState(out state));
            if (state == Error || state == Transferred) break;
            Thread.Sleep(100);
        }
        Check(state == Transferred ? job.Complete() : job.Cancel());
        Marshal.FinalReleaseComObject(job);
        Marshal.FinalReleaseComObject(server);
        return state;
    }

    private static void Check(int hresult)
    {
        if (hresult < 0) throw new COMException("The BITS manager refused a call.", hresult);
    }
}
