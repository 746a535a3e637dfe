namespace LlmdAspire.Protocols.Zmtp.Queues;

/// <summary>Lets many callers wait for "something changed, look again". Take <see cref="Next"/> before looking, so that no change is missed.</summary>
internal sealed class ChangeNotice
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;

    public Task Next()
    {
        lock (_gate)
        {
            return (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Raise()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult();
    }
}
