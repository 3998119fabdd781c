using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using System.Text.Json;

namespace C2RBridge.PowerShellHost;

/// <summary>
/// Runs scripts without a console. A request is a line of JSON with <c>script</c>; its answer is one line of JSON. Each script
/// has a runspace of its own, which is closed before the answer, so that nothing of a module is left for the next; neither are
/// changes to environment variables and to the current folder.
/// </summary>
internal static class Server
{
    private sealed record Request(string Script);

    private sealed record Answer(string Output, IReadOnlyList<string> Errors, string Text);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static int Run()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        output.WriteLine(JsonSerializer.Serialize(new { processId = Environment.ProcessId }, Options));
        while (input.ReadLine() is { } line)
        {
            var request = JsonSerializer.Deserialize<Request>(line, Options)!;
            output.WriteLine(JsonSerializer.Serialize(Execute(request.Script), Options));
        }
        return 0;
    }

    private static Answer Execute(string script)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows()) state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        var host = new QuietHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using var _ = new ProcessState();
        using var shell = PowerShell.Create(runspace);
        var errors = new List<string>();
        var output = new List<PSObject>();
        try
        {
            output.AddRange(shell.AddScript(script).Invoke());
        }
        catch (RuntimeException error)
        {
            errors.Add($"{error.ErrorRecord}\n{error.ErrorRecord.ScriptStackTrace}");
        }
        errors.AddRange(shell.Streams.Error.Select(record => $"{record}\n{record.ScriptStackTrace}"));
        return new Answer(string.Concat(output), errors, host.Text);
    }

    /// <summary>What scripts can change of the process: put back when it is disposed.</summary>
    private sealed class ProcessState : IDisposable
    {
        private readonly string folder = Environment.CurrentDirectory;
        private readonly Dictionary<string, string> variables = Read();

        public void Dispose()
        {
            Environment.CurrentDirectory = folder;
            foreach (var name in Read().Keys.Union(variables.Keys))
            {
                Environment.SetEnvironmentVariable(name, variables.GetValueOrDefault(name));
            }
        }

        private static Dictionary<string, string> Read() =>
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
    }
}
