using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>The tokenizer that <c>--tokenizer</c> names.</summary>
internal static class TokenizerChoice
{
    /// <param name="name">As given.</param>
    /// <param name="warn">Told when another tokenizer than the named one is used.</param>
    /// <exception cref="UsageException">It is a file that cannot be used.</exception>
    public static ITokenizer Open(string name, Action<string> warn)
    {
        if (Directory.Exists(name))
        {
            name = Path.Combine(name, "tokenizer.json");
        }

        if (File.Exists(name) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return Tokenizers.TryLoad(name, out var tokenizer) is { } mistake ? throw new UsageException($"--tokenizer is '{name}'; it {mistake}.") : tokenizer!;
        }

        if (name != Tokenizers.Builtin)
        {
            // Command lines of vllm name a repository here. Nothing is downloaded; the server's own tokenizer corrects the lengths.
            warn($"--tokenizer is '{name}', which is no file: prompts are made with the built-in tokenizer and fitted to the server's where it has /tokenize.");
        }

        return BuiltinTokenizer.Instance;
    }
}
