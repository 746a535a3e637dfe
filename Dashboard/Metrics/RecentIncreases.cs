namespace LlmdAspire.Dashboard.Metrics;

/// <summary>The last increases of one process, to answer "over the last half minute". Not thread-safe.</summary>
internal sealed class RecentIncreases
{
    // One a second for a minute; a faster refresh simply looks back less far.
    private const int Capacity = 60;

    /// <summary>Less than this tells no rate: one request in the 10 ms between two looks is not a hundred a second.</summary>
    public static readonly TimeSpan ShortestStretch = TimeSpan.FromMilliseconds(900);

    private readonly Queue<MetricsIncrease> _increases = new(Capacity);
    private (DateTimeOffset Time, MetricsReading Reading)? _last;

    /// <summary>Takes the next reading. The first one is only what later ones are compared with.</summary>
    public void Add(DateTimeOffset time, MetricsReading reading)
    {
        if (_last is { } last)
        {
            if (time <= last.Time)
            {
                return;
            }

            if (_increases.Count == Capacity)
            {
                _increases.Dequeue();
            }

            _increases.Enqueue(MetricsIncrease.Between(last.Reading, reading, time - last.Time));
        }

        _last = (time, reading);
    }

    /// <summary>The increase over about the last <paramref name="window"/>.</summary>
    /// <remarks>
    /// A stretch longer than the window, left by a pause in reading, counts only until <see cref="ShortestStretch"/> of something newer is
    /// known: its average says little about now, but more than nothing.
    /// </remarks>
    public MetricsIncrease Over(TimeSpan window)
    {
        var sum = new MetricsIncrease(TimeSpan.Zero);
        foreach (var increase in _increases.Reverse())
        {
            if (sum.Elapsed >= ShortestStretch && sum.Elapsed + increase.Elapsed > window)
            {
                break;
            }

            sum.Append(increase);
        }

        return sum;
    }
}
