using System.Text.Json;
using System.Text.Json.Serialization;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Datasets;

/// <summary>First question and first answer of each conversation of a ShareGPT file; the answer gives the length only.</summary>
internal sealed record ShareGptDataset(string Path, int? OutputTokens, bool Shuffles, bool Oversamples) : IDataset
{
    // The bounds that vLLM applies, so that the mix of lengths is the same.
    private const int Shortest = 4;
    private const int LongestPrompt = 1024;
    private const int LongestTotal = 2048;

    public bool PromisesLength => false;

    public IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools)
    {
        var entries = Read();
        if (Shuffles)
        {
            tools.Random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(entries));
        }

        var conversations = new List<Conversation>();
        foreach (var (prompt, answer) in entries)
        {
            if (conversations.Count == requests)
            {
                break;
            }

            var input = Count(prompt, tools.Tokenizer);
            var output = OutputTokens ?? Count(answer, tools.Tokenizer);
            if (input is >= Shortest and <= LongestPrompt && (OutputTokens is not null || output >= Shortest) && input + output <= LongestTotal)
            {
                conversations.Add(Conversation.Of(new Turn(System.Text.Encoding.UTF8.GetBytes(prompt), input, output)));
            }
        }

        if (conversations.Count == 0)
        {
            throw new UsageException($"--dataset-path is '{Path}'; it has no conversation of two turns with {Shortest} to {LongestPrompt} prompt tokens and at most {LongestTotal} altogether.");
        }

        return Oversamples ? Oversampling.Fill(conversations, requests, tools.Random) : conversations;
    }

    private List<(string Prompt, string Answer)> Read()
    {
        using var file = DatasetFile.Open(Path);
        try
        {
            // Published files have hundreds of megabytes: entry by entry, and only the first two turns stay.
            return [.. JsonSerializer.DeserializeAsyncEnumerable<Entry>(file).ToBlockingEnumerable()
                .Where(entry => entry?.Conversations is { Count: >= 2 })
                .Select(entry => (entry!.Conversations![0].Value ?? "", entry.Conversations[1].Value ?? ""))];
        }
        catch (JsonException e)
        {
            throw new UsageException($"--dataset-path is '{Path}', which is not a ShareGPT file (a JSON array of objects with conversations): {e.Message}");
        }
    }

    private static int Count(string text, ITokenizer tokenizer)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return tokens.Count;
    }

    private sealed record Entry([property: JsonPropertyName("conversations")] IReadOnlyList<Said>? Conversations);

    private sealed record Said([property: JsonPropertyName("value")] string? Value);
}
