using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace C2RBridge.PowerShellHost;

/// <summary>A host that nobody sits at: keeps what it is told to show, and refuses every question as -NonInteractive does.</summary>
internal sealed class QuietHost : PSHost
{
    private readonly QuietInterface ui = new();

    public string Text => ui.Text.ToString();
    public override PSHostUserInterface UI => ui;
    public override string Name => "C2RBridge tests";
    public override Version Version => new(1, 0);
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void EnterNestedPrompt() => throw Unanswered();
    public override void ExitNestedPrompt() { }
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) { }

    private static PSInvalidOperationException Unanswered() => new("PowerShell is in NonInteractive mode.");

    private sealed class QuietInterface : PSHostUserInterface
    {
        public StringBuilder Text { get; } = new();

        public override PSHostRawUserInterface? RawUI => null;

        public override void Write(string value) => Text.Append(value);
        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Text.Append(value);
        public override void WriteLine(string value) => Text.Append(value).Append('\n');
        public override void WriteErrorLine(string value) => WriteLine(value);
        public override void WriteWarningLine(string message) => WriteLine($"WARNING: {message}");
        public override void WriteVerboseLine(string message) => WriteLine($"VERBOSE: {message}");
        public override void WriteDebugLine(string message) => WriteLine($"DEBUG: {message}");
        public override void WriteProgress(long sourceId, ProgressRecord record) { }

        public override string ReadLine() => throw Unanswered();
        public override SecureString ReadLineAsSecureString() => throw Unanswered();
        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw Unanswered();
        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
            throw Unanswered();
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw Unanswered();
        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName,
            PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw Unanswered();
    }
}
