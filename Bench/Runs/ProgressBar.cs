using System.Globalization;

namespace LlmdAspire.Bench.Runs;

/// <summary>Shows on a terminal how far a run is; nothing anywhere else.</summary>
internal sealed class ProgressBar : IAsyncDisposable
{
    private const int Cells = 30;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly LoadRun _run;
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();

    public ProgressBar(LoadRun run, TextWriter output, TimeProvider clock)
    {
        (_run, _output, _clock, _started) = (run, output, clock, clock.GetTimestamp());
        _timer = clock.CreateTimer(_ => Draw(), null, s_interval, s_interval);
    }

    /// <summary>One line: how many of how many, for how long, how long still, how fast.</summary>
    public static string Line(int ended, int failed, int requests, TimeSpan elapsed)
    {
        var share = requests == 0 ? 1 : (double)ended / requests;
        var full = (int)(share * Cells);
        var rate = elapsed > TimeSpan.Zero ? ended / elapsed.TotalSeconds : 0;
        var left = ended == 0 ? "--:--" : Clock(elapsed / share - elapsed);
        var failures = failed == 0 ? "" : FormattableString.Invariant($", {failed} failed");
        return string.Create(CultureInfo.InvariantCulture,
            $"{share * 100,3:F0} % [{new string('#', full).PadRight(Cells, '.')}] {ended}/{requests}{failures}, {Clock(elapsed)} gone, {left} left, {rate:F1} req/s");
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Draw();
        await _output.WriteLineAsync();
    }

    private void Draw()
    {
        lock (_lock)
        {
            // Back to the start, over what was there, and away with what is left of it.
            _output.Write($"\r{Line(_run.Ended, _run.Failed, _run.Requests, _clock.GetElapsedTime(_started))}\u001b[K");
            _output.Flush();
        }
    }

    private static string Clock(TimeSpan time) =>
        time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"mm\:ss", CultureInfo.InvariantCulture);
}
