using System.Runtime.InteropServices;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Cuts a prompt into blocks and gives each a key that stands for it and all before it: equal keys mean equal beginnings. Pure.</summary>
/// <remarks>
/// Blocks are small where prompts part and larger behind: 64 bytes, about an engine's block of 16 tokens, for the first 4 KiB, then 256.
/// The last, shorter block counts too, so that a prompt is found again whole.
/// </remarks>
internal static class PromptBlocks
{
    private const int Small = 64;
    private const int Large = 256;
    private const int SmallCount = 64;
    private const int SmallBytes = Small * SmallCount;

    /// <summary>How many blocks a prompt of so many bytes has.</summary>
    public static int CountOf(int bytes) =>
        bytes <= SmallBytes ? (bytes + Small - 1) / Small : SmallCount + ((bytes - SmallBytes + Large - 1) / Large);

    /// <summary>How many bytes the first blocks of a prompt cover.</summary>
    public static int BytesOf(int blocks, int promptBytes) =>
        Math.Min(promptBytes, blocks <= SmallCount ? blocks * Small : SmallBytes + ((blocks - SmallCount) * Large));

    /// <summary>Where all prompts of one model and salt begin.</summary>
    public static ulong Root(string? model, string? salt) => Hash(salt, Hash(model, 0));

    /// <summary>Writes the keys of all blocks, <see cref="CountOf"/> many.</summary>
    public static void Keys(ulong root, ReadOnlySpan<byte> prompt, Span<ulong> keys)
    {
        var previous = root;
        for (var i = 0; i < keys.Length; i++)
        {
            var size = Math.Min(i < SmallCount ? Small : Large, prompt.Length);

            // 0 marks an empty place in the index.
            keys[i] = previous = Math.Max(1, XxHash64.Hash(prompt[..size], previous));
            prompt = prompt[size..];
        }
    }

    private static ulong Hash(string? text, ulong seed) => XxHash64.Hash(MemoryMarshal.AsBytes(text.AsSpan()), seed);
}
