using System.Globalization;
using System.Text.Json;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.Serving.Tests.Blocks;

/// <summary>Engine hashes against Python's own pickle, cbor2 and hashlib (<c>Vectors/engine-hashes.json</c>).</summary>
public sealed class EngineBlockHasherTests
{
    private static readonly JsonElement[] s_cases = [.. JsonDocument.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Blocks", "Vectors", "engine-hashes.json"))).RootElement.EnumerateArray()];

    public static TheoryData<string, string> Cases => [.. s_cases.Select(c => (Text(c, "algorithm"), Text(c, "name")))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hash_AgreesWithPython(string algorithm, string name)
    {
        var vector = s_cases.Single(c => Text(c, "algorithm") == algorithm && Text(c, "name") == name);
        var hasher = new EngineBlockHasher(Enum.Parse<EngineHashAlgorithm>(algorithm), Text(vector, "seed"));
        Assert.Equal(Text(vector, "none"), hasher.NoneHash.ToString());

        var previous = hasher.NoneHash;
        for (var i = 0; i < vector.GetProperty("tokens").GetArrayLength(); i++)
        {
            int[] tokens = [.. vector.GetProperty("tokens")[i].EnumerateArray().Select(token => token.GetInt32())];
            previous = hasher.Hash(previous, tokens, ExtraKeysOf(vector.GetProperty("extras")[i]));

            Assert.Equal(vector.GetProperty("digests")[i].GetString(), previous.ToString());
            Assert.Equal(vector.GetProperty("external")[i].GetString(), previous.External.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void HashAll_ChainsFullBlocksOnly()
    {
        var hasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "0");
        int[] tokens = [.. Enumerable.Range(0, 40)];
        var digests = new BlockDigest[2];

        Assert.Equal(2, hasher.HashAll(hasher.NoneHash, tokens, 16, digests));

        Assert.Equal(hasher.Hash(hasher.NoneHash, tokens.AsSpan(0, 16)), digests[0]);
        Assert.Equal(hasher.Hash(digests[0], tokens.AsSpan(16, 16)), digests[1]);
    }

    [Fact]
    public void EnginesWithoutASeed_ShareNoHashes() =>
        Assert.NotEqual(new EngineBlockHasher(EngineHashAlgorithm.Sha256, null).NoneHash, new EngineBlockHasher(EngineHashAlgorithm.Sha256, null).NoneHash);

    [Theory]
    [InlineData(EngineHashAlgorithm.Sha256)]
    [InlineData(EngineHashAlgorithm.Sha256Cbor)]
    public void Hash_AllocatesNothing(EngineHashAlgorithm algorithm)
    {
        var hasher = new EngineBlockHasher(algorithm, "0");
        var tokens = new int[64];
        _ = hasher.Hash(hasher.NoneHash, tokens);
        var before = GC.GetAllocatedBytesForCurrentThread();

        _ = hasher.Hash(hasher.NoneHash, tokens);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void PickleBeyondOneFrame_IsRefused()
    {
        var hasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256, "0");

        var refusal = Assert.Throws<ArgumentException>(() => hasher.Hash(hasher.NoneHash, [1], [ExtraKey.Raw(new byte[70_000])]));

        Assert.Contains("32-byte digest", refusal.Message, StringComparison.Ordinal);
    }

    private static string Text(JsonElement of, string property) => of.GetProperty(property).GetString()!;

    private static ExtraKey[] ExtraKeysOf(JsonElement extras) => extras.ValueKind == JsonValueKind.Null ? [] : [.. extras.EnumerateArray().Select(KeyOf)];

    private static ExtraKey KeyOf(JsonElement key) => key.ValueKind switch
    {
        JsonValueKind.String => ExtraKey.Text(key.GetString()!),
        JsonValueKind.Number => ExtraKey.Id(key.GetInt64()),
        JsonValueKind.Object => ExtraKey.Raw(Convert.FromHexString(Text(key, "hex"))),
        _ => ExtraKey.TextAtOffset(key[0].GetString()!, key[1].GetInt64()),
    };
}
