using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The lines of one resource; the oldest are dropped once there are <see cref="Capacity"/>.</summary>
internal sealed class ResourceLog : ILogger
{
    public const int Capacity = 10_000;

    private readonly Queue<LogLine> _lines = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();
    private int _count;
    private bool _completed;

    public void Add(string content, bool isError)
    {
        lock (_lock)
        {
            _lines.Enqueue(new LogLine(++_count, content, isError));
            if (_lines.Count > Capacity)
            {
                _lines.Dequeue();
            }

            Signal();
        }
    }

    /// <summary>No line follows; whoever reads along is released.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            Signal();
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<LogLine>> ReadAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var seen = 0;
        while (true)
        {
            LogLine[] news;
            Task changed;
            bool last;
            lock (_lock)
            {
                news = [.. _lines.SkipWhile(line => line.LineNumber <= seen)];
                changed = _changed.Task;
                last = _completed || !follow;
            }

            if (news.Length > 0)
            {
                seen = news[^1].LineNumber;
                yield return news;
            }

            if (last)
            {
                yield break;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            var text = formatter(state, exception);
            Add(exception is null ? text : $"{text} {exception}", logLevel >= LogLevel.Error);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        _changed.TrySetResult();
        _changed = NewSignal();
    }
}
