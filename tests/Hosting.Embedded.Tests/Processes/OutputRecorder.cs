using System.Collections.Concurrent;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Keeps what a child printed and lets a test wait for a line.</summary>
internal sealed class OutputRecorder
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();

    public ConcurrentQueue<(string Text, bool IsError)> Lines { get; } = new();

    public IEnumerable<string> Texts => Lines.Select(line => line.Text);

    public void Add(string line, bool isError)
    {
        Lines.Enqueue((line, isError));
        Awaited(line).TrySetResult();
    }

    public Task WaitForAsync(string line) => Awaited(line).Task;

    /// <summary>The process whose pid was printed in a line "pid N".</summary>
    public IReadOnlyList<ProcessEntry> Processes() =>
        [.. Texts.Where(line => line.StartsWith("pid ", StringComparison.Ordinal)).Select(line => ProcessTable.Find(int.Parse(line[4..]))!.Value)];

    private TaskCompletionSource Awaited(string line) =>
        _awaited.GetOrAdd(line, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
