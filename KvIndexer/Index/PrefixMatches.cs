using System.Numerics;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>The result of a lookup: for each endpoint with a match, its blocks by tier. Used again from lookup to lookup; not thread-safe.</summary>
internal sealed class PrefixMatches
{
    private int[] _depth = [];
    private int[] _slower = [];
    private int _endpoints;

    /// <summary>Endpoints with at least one block, in no order.</summary>
    public List<int> Endpoints { get; } = [];

    /// <summary>Blocks without a hole from the first on.</summary>
    public int Depth(int endpoint) => endpoint < _endpoints ? _depth[endpoint] : 0;

    /// <summary>How many of them are in a tier and in no faster one.</summary>
    public int InTier(int endpoint, Tier tier) => tier switch
    {
        Tier.Gpu => Depth(endpoint) - Slower(endpoint, Tier.Cpu) - Slower(endpoint, Tier.Storage),
        Tier.Speculative => 0,
        _ => Slower(endpoint, tier),
    };

    /// <summary>Empties it and makes room for that many endpoints.</summary>
    public void Begin(int endpoints)
    {
        if (_depth.Length < endpoints)
        {
            _depth = new int[endpoints];
            _slower = new int[endpoints * 2];
        }

        foreach (var endpoint in Endpoints)
        {
            _slower[endpoint * 2] = 0;
            _slower[(endpoint * 2) + 1] = 0;
        }

        Endpoints.Clear();
        _endpoints = endpoints;
        Array.Clear(_depth, 0, endpoints);
    }

    /// <summary>Notes that a set of endpoints matched so many blocks and no more.</summary>
    public void End(int firstEndpoint, ulong endpoints, int depth)
    {
        while (depth > 0 && endpoints != 0)
        {
            var endpoint = firstEndpoint + BitOperations.TrailingZeroCount(endpoints);
            endpoints &= endpoints - 1;
            _depth[endpoint] = depth;
            Endpoints.Add(endpoint);
        }
    }

    /// <summary>Notes that a set of endpoints holds the present block in this tier only.</summary>
    public void CountSlower(int firstEndpoint, ulong endpoints, Tier tier)
    {
        while (endpoints != 0)
        {
            var endpoint = firstEndpoint + BitOperations.TrailingZeroCount(endpoints);
            endpoints &= endpoints - 1;
            _slower[(endpoint * 2) + (tier == Tier.Cpu ? 0 : 1)]++;
        }
    }

    private int Slower(int endpoint, Tier tier) =>
        Depth(endpoint) == 0 ? 0 : _slower[(endpoint * 2) + (tier == Tier.Cpu ? 0 : 1)];
}
