using System.Text;
using System.Text.Json;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Datasets;

/// <summary>A JSONL file with a <c>prompt</c> a line, and an <c>output_tokens</c> where lengths differ.</summary>
/// <param name="Path">The file.</param>
/// <param name="OutputTokens">Limit of every answer; null to take each line's own.</param>
/// <param name="Shuffles">Whether lines are taken in random order.</param>
/// <param name="Oversamples">Whether lines are repeated when there are too few.</param>
internal sealed record CustomDataset(string Path, int? OutputTokens, bool Shuffles, bool Oversamples) : IDataset
{
    public bool PromisesLength => false;

    public IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools)
    {
        var conversations = Read(tools.Tokenizer);
        if (conversations.Count == 0)
        {
            throw new UsageException($"--dataset-path is '{Path}', which is empty.");
        }

        if (Shuffles)
        {
            tools.Random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(conversations));
        }

        if (conversations.Count > requests)
        {
            conversations.RemoveRange(requests, conversations.Count - requests);
        }

        return Oversamples ? Oversampling.Fill(conversations, requests, tools.Random) : conversations;
    }

    private List<Conversation> Read(ITokenizer tokenizer)
    {
        using var reader = new StreamReader(DatasetFile.Open(Path), Encoding.UTF8);
        var conversations = new List<Conversation>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                conversations.Add(Conversation.Of(ReadLine(line, number, tokenizer)));
            }
        }

        return conversations;
    }

    private Turn ReadLine(string line, int number, ITokenizer tokenizer)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("prompt", out var prompt) || prompt.ValueKind != JsonValueKind.String)
            {
                throw new UsageException($"{Path}:{number} has no text called 'prompt'; each line must be an object with one.");
            }

            var output = OutputTokens;
            if (output is null)
            {
                if (!json.RootElement.TryGetProperty("output_tokens", out var own) || own.ValueKind != JsonValueKind.Number || !own.TryGetInt32(out var length) || length < 1)
                {
                    throw new UsageException($"{Path}:{number} has no whole number above 0 called 'output_tokens', which --custom-output-len -1 asks for.");
                }

                output = length;
            }

            var text = Encoding.UTF8.GetBytes(prompt.GetString()!);
            var tokens = new List<int>();
            tokenizer.Encode(text, tokens);
            return new Turn(text, tokens.Count, output.Value);
        }
        catch (JsonException e)
        {
            throw new UsageException($"{Path}:{number} is not JSON: {e.Message}");
        }
    }
}
