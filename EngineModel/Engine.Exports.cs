using LlmdAspire.EngineModel.Transfer;

namespace LlmdAspire.EngineModel;

/// <summary>Blocks kept for another engine that goes on with the prompt.</summary>
public sealed partial class Engine
{
    /// <summary>What is kept under a name; null when it was never there, was released or has expired.</summary>
    public KvExport? FindExport(string id)
    {
        lock (_lock)
        {
            return _leases.Find(id);
        }
    }

    /// <summary>Keeps it for another <see cref="EngineOptions.LeaseDuration"/> from now; null when it is not there.</summary>
    public KvExport? ExtendExport(string id)
    {
        lock (_lock)
        {
            return _leases.Extend(id, Later(_time.GetTimestamp(), RealTicks(_options.LeaseDuration)));
        }
    }

    /// <summary>Frees the blocks; false when they are not there.</summary>
    public bool ReleaseExport(string id) => Change(_ =>
    {
        if (!_leases.TryTake(id, out var table))
        {
            return false;
        }

        _blocks.Release(table);
        return true;
    });

    /// <summary>Counts content that could not be fetched from another engine.</summary>
    public void CountFailedTransfer()
    {
        lock (_lock)
        {
            _metrics.FailedTransfers++;
        }
    }

    /// <summary>Counts another engine that could not be told that its content is not needed any more.</summary>
    public void CountFailedNotification()
    {
        lock (_lock)
        {
            _metrics.FailedNotifications++;
        }
    }

    private bool TryLease(Sequence sequence, long at) =>
        sequence.ExportAs is { } id
        && sequence.Count > 0
        // The last token came out and was not computed.
        && _leases.TryAdd(id, sequence.Table, sequence.Length - 1, Later(at, RealTicks(_options.LeaseDuration)));

    private void ExpireLeases(long at)
    {
        while (_leases.NextEnd <= at)
        {
            _blocks.Release(_leases.TakeFirst());
            _metrics.ExpiredExports++;
        }
    }
}
