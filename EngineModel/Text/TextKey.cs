namespace LlmdAspire.EngineModel.Text;

/// <summary>The number that a generated text grows from: equal inputs give equal texts in every process and version of the runtime.</summary>
public static class TextKey
{
    /// <param name="seed">The engine's seed.</param>
    /// <param name="model">Name of the model, not the alias a request used.</param>
    /// <param name="prompt">Prompt tokens.</param>
    /// <param name="requestSeed">The request's own seed, if it has one.</param>
    /// <param name="choice">Which of several choices for the same prompt.</param>
    public static ulong Of(long seed, string model, IReadOnlyList<int> prompt, long? requestSeed, int choice)
    {
        var key = Mix((ulong)seed);
        foreach (var character in model)
        {
            key = Mix(key ^ character);
        }

        key = Mix(key ^ (ulong)prompt.Count);
        for (var i = 0; i < prompt.Count; i++)
        {
            key = Mix(key ^ (uint)prompt[i]);
        }

        if (requestSeed is { } own)
        {
            // A seed of 0 is not the same as no seed.
            key = Mix(Mix(key ^ 1) ^ (ulong)own);
        }

        return Mix(key ^ (ulong)(uint)choice);
    }

    /// <summary>SplitMix64's step: every input bit reaches every output bit.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
