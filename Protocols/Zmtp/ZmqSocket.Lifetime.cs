namespace LlmdAspire.Protocols.Zmtp;

public abstract partial class ZmqSocket
{
    private readonly CancellationTokenSource _closing = new();
    private readonly HashSet<ZmqConnection> _open = [];

    /// <summary>Connections that hold a socket and a buffer, in or after their handshake.</summary>
    internal int OpenConnections
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>
    /// Stops listening and dialling, waits up to <see cref="ZmqOptions.Linger"/> for queued messages to leave, closes every connection and
    /// lets go of messages nobody took. Receivers that wait end with <see cref="ObjectDisposedException"/>, enumerations end.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync();
        CloseListeners();
        await LingerAsync();
        ZmqConnection[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        foreach (var connection in open)
        {
            _ = connection.Close("the socket was closed");
        }

        // Before waiting for the loops: one of them may be waiting for room here.
        Incoming.Close();
        RoomToSend.Raise();
        _peersChanged.Raise();
        await Task.WhenAll(LoopsRunning());
        _closing.Dispose();
    }

    // Looks again each time a queue has room or a peer leaves, and every few milliseconds, since the last byte leaving raises nothing.
    private async Task LingerAsync()
    {
        if (Options.Linger == TimeSpan.Zero)
        {
            return;
        }

        var began = Options.TimeProvider.GetTimestamp();
        while (_connections.Any(connection => connection.HasUnsent) && Options.TimeProvider.GetElapsedTime(began) < Options.Linger)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), Options.TimeProvider);
        }
    }

    /// <summary>Runs a loop that disposing waits for; false when the socket is closing.</summary>
    private bool TryStart(Func<Task> loop)
    {
        Task task;
        lock (_gate)
        {
            if (IsDisposed)
            {
                return false;
            }

            task = Task.Run(loop);
            _ = _loops.Add(task);
        }

        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return true;
    }

    private void Forget(Task loop)
    {
        lock (_gate)
        {
            _ = _loops.Remove(loop);
        }
    }

    private Task[] LoopsRunning()
    {
        lock (_gate)
        {
            return [.. _loops];
        }
    }

    private bool TryTrack(ZmqConnection connection)
    {
        lock (_gate)
        {
            return !IsDisposed && _open.Add(connection);
        }
    }

    private void Untrack(ZmqConnection connection)
    {
        lock (_gate)
        {
            _ = _open.Remove(connection);
        }
    }
}
