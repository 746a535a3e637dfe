using System.Globalization;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>Names of Redis keys, and how long things live there. Replicas share only with those whose block keys agree: same block size, same seed.</summary>
internal sealed class SharedLayout(BlockKeys keys, TimeSpan expiry)
{
    /// <summary>Milliseconds without a word after which an endpoint's writer is gone and another replica may write it.</summary>
    public const int Lease = 10_000;

    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"llmd:kv:{SharedFormat.Revision}:{keys.BlockSize}:{keys.Root(""):x16}:");

    /// <summary>Milliseconds that an endpoint lives without anybody who follows it.</summary>
    public long Expiry => (long)expiry.TotalMilliseconds;

    /// <summary>A sorted set of all endpoints.</summary>
    public string Directory => _prefix + "endpoints";

    /// <summary>Where changes are told.</summary>
    public string Channel => _prefix + "changes";

    /// <summary>What the key of an endpoint begins with; its name follows.</summary>
    public string EndpointPrefix => _prefix + "endpoint:";

    /// <summary>A hash: an endpoint's blocks and its header.</summary>
    public string Endpoint(string name) => EndpointPrefix + name;

    /// <summary>Where a replica writes a whole state before it takes the place of the old one.</summary>
    public string Written(string name, string me) => $"{_prefix}written:{me}:{name}";
}
