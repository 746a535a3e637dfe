using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>The blocks an endpoint announced for one tier and KV-cache group, by the engine's hashes.</summary>
/// <remarks>An engine may announce a block several times and must then remove it as often. Not thread-safe.</remarks>
internal sealed class HeldBlocks(Tier tier, int group, ByteBudget budget)
{
    private const int RepeatBytes = 40;

    // Rare: two requests that computed the same block at the same time, or overlapping chunks of an offload connector.
    private readonly Dictionary<ulong, int> _repeats = [];

    public Tier Tier => tier;

    public int Group => group;

    public HandleMap Handles { get; } = new(budget);

    /// <summary>Notes one announcement. False when there is no memory left for it.</summary>
    public bool TryAdd(ulong hash, ulong key)
    {
        var addition = Handles.TryAdd(hash, key);
        if (addition != HandleAddition.Known)
        {
            return addition == HandleAddition.Added;
        }

        if (!_repeats.TryGetValue(hash, out var times) && !budget.TryTake(RepeatBytes))
        {
            return false;
        }

        _repeats[hash] = times + 1;
        return true;
    }

    /// <summary>Takes one announcement back; true when it was the last one.</summary>
    public bool Remove(ulong hash, out ulong key)
    {
        if (_repeats.TryGetValue(hash, out var times))
        {
            _ = Handles.TryGet(hash, out key);
            if (times > 1)
            {
                _repeats[hash] = times - 1;
            }
            else
            {
                ForgetRepeats(hash);
            }

            return false;
        }

        return Handles.Remove(hash, out key);
    }

    /// <summary>Forgets a block however often it was announced.</summary>
    public bool Forget(ulong hash, out ulong key)
    {
        ForgetRepeats(hash);
        return Handles.Remove(hash, out key);
    }

    public void Clear()
    {
        budget.GiveBack((long)RepeatBytes * _repeats.Count);
        _repeats.Clear();
        Handles.Clear();
    }

    private void ForgetRepeats(ulong hash)
    {
        if (_repeats.Remove(hash))
        {
            budget.GiveBack(RepeatBytes);
        }
    }
}
