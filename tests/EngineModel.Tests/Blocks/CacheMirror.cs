using LlmdAspire.EngineModel.Blocks;
using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel.Tests.Blocks;

/// <summary>Holds what an engine's prefix cache holds by following its changes alone, as an index does.</summary>
internal sealed class CacheMirror : IKvCacheObserver
{
    public HashSet<BlockDigest> Blocks { get; } = [];

    /// <summary>Changes so far, one word each, with a bar after each step that had any.</summary>
    public List<string> Log { get; } = [];

    public void Stored(ReadOnlySpan<BlockDigest> digests, BlockDigest? parent, int firstBlock, IBlockContent content)
    {
        Assert.Equal(firstBlock == 0, parent is null);
        Log.Add($"stored {firstBlock}+{digests.Length}");
        foreach (var digest in digests)
        {
            Assert.True(Blocks.Add(digest), "A block was announced twice.");
        }
    }

    public void Removed(BlockDigest digest)
    {
        Log.Add("removed");
        Assert.True(Blocks.Remove(digest), "A block was removed that is not there.");
    }

    public void Cleared()
    {
        Log.Add("cleared");
        Blocks.Clear();
    }

    public void StepEnded()
    {
        if (Log.Count > 0 && Log[^1] != "|")
        {
            Log.Add("|");
        }
    }
}
