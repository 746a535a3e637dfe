using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>An engine whose <c>/tokenize</c> renders conversations by a template that a test gives.</summary>
internal sealed partial class TemplateEngine : IAsyncDisposable
{
    private readonly ScriptedEngine _engine;

    private TemplateEngine(ScriptedEngine engine) => _engine = engine;

    public string Url => _engine.Url;

    /// <summary>Bytes of all bodies that it was sent.</summary>
    public long BytesAsked => _engine.Received.Sum(request => (long)request.Body.Length);

    public int Requests => _engine.Received.Count;

    /// <param name="template">The text of a conversation, marks such as <c>&lt;|end|&gt;</c> included; throws <see cref="TemplateRefusal"/> like a template that raises.</param>
    public static async Task<TemplateEngine> StartAsync(Func<Rendering, string> template) => new(await ScriptedEngine.StartAsync(async (context, request) =>
    {
        try
        {
            await context.Response.WriteAsJsonAsync(new { tokens = Tokens(template, JsonDocument.Parse(request.Body).RootElement) });
        }
        catch (TemplateRefusal refusal)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { error = new { message = refusal.Message } });
        }
    }));

    /// <summary>What the engine answers for a body.</summary>
    public static List<int> Tokens(Func<Rendering, string> template, object body) => Tokens(template, JsonSerializer.SerializeToElement(body));

    private static List<int> Tokens(Func<Rendering, string> template, JsonElement body)
    {
        var text = template(new Rendering(body));
        var tokens = new List<int>();
        var at = 0;
        foreach (Match mark in Mark.Matches(text))
        {
            BuiltinTokenizer.Instance.Encode(text[at..mark.Index], tokens);
            tokens.Add(1_000_000 + mark.Value.Sum(letter => letter * 31));
            at = mark.Index + mark.Length;
        }

        BuiltinTokenizer.Instance.Encode(text[at..], tokens);
        return tokens;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [GeneratedRegex(@"<\|\w+\|>|\[/?INST\]")]
    private static partial Regex Mark { get; }
}

/// <summary>A template's own error.</summary>
internal sealed class TemplateRefusal(string message) : Exception(message);

/// <summary>What a template sees.</summary>
internal sealed class Rendering(JsonElement body)
{
    public IReadOnlyList<Turn> Messages { get; } = [.. body.GetProperty("messages").EnumerateArray().Select(Turn.Of)];

    public string? Tools => body.TryGetProperty("tools", out var tools) ? tools.GetRawText() : null;

    public bool AddGenerationPrompt => !body.TryGetProperty("add_generation_prompt", out var add) || add.GetBoolean();

    public int LastUser => Messages.ToList().FindLastIndex(message => message.Role == "user");

    /// <summary>Joins what each message becomes, told its place.</summary>
    public string Each(Func<Turn, int, string> render)
    {
        var text = new StringBuilder();
        for (var i = 0; i < Messages.Count; i++)
        {
            _ = text.Append(render(Messages[i], i));
        }

        return text.ToString();
    }
}

internal sealed record Turn(string Role, string Content)
{
    public static Turn Of(JsonElement message)
    {
        var content = message.GetProperty("content");
        return new Turn(message.GetProperty("role").GetString()!, content.ValueKind == JsonValueKind.Array
            ? string.Join('\n', content.EnumerateArray().Select(part => part.GetProperty("text").GetString()))
            : content.GetString() ?? "");
    }
}
