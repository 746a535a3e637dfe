using System.Runtime.InteropServices;

namespace LlmdAspire.Bench.Runs;

/// <summary>Ctrl-C and SIGTERM: the first ends the run and lets it report; a second one ends the program.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Take(context, 130)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Take(context, 143)),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>128 and the signal's number, as shells have it; 0 when there was none.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Take(PosixSignalContext context, int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0)
        {
            context.Cancel = true;
            _source.Cancel();
        }
    }
}
