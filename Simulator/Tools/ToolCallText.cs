using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Tools;

/// <summary>Calls of tools as the text that a model writes for them.</summary>
internal static class ToolCallText
{
    private static readonly JsonElement s_noParameters = JsonDocument.Parse("""{"type":"object"}""").RootElement;

    /// <summary>The arguments alone, as for a call whose function the request names.</summary>
    public static PlannedText Named(Tool tool, ulong key)
    {
        var arguments = Encoding.UTF8.GetBytes(Arguments(tool, key));
        return new PlannedText(arguments) { Calls = [new PlannedCall(Id(key, 0), tool.Name, 0..arguments.Length)], Content = "" };
    }

    /// <summary>A list of calls, as a model writes it that must call.</summary>
    public static PlannedText Required(IReadOnlyList<Tool> tools, ulong key) => Listed(tools, key, "[", ", ", "]") with { Content = "" };

    /// <summary>Calls as Llama's models write them of their own accord.</summary>
    public static PlannedText Free(IReadOnlyList<Tool> tools, ulong key) => Listed(tools, key, "", "; ", "");

    private static PlannedText Listed(IReadOnlyList<Tool> tools, ulong key, string before, string between, string after)
    {
        var text = new MemoryStream();
        var calls = new List<PlannedCall>();
        Append(text, before);
        foreach (var tool in tools)
        {
            Append(text, calls.Count > 0 ? between : "");
            Append(text, $"{{\"name\": \"{JsonEncodedText.Encode(tool.Name)}\", \"parameters\": ");
            var start = (int)text.Length;
            Append(text, Arguments(tool, key + (ulong)calls.Count));
            calls.Add(new PlannedCall(Id(key, calls.Count), tool.Name, start..(int)text.Length));
            Append(text, "}");
        }

        Append(text, after);
        return new PlannedText(text.ToArray()) { Calls = calls, EndsWithCalls = true };
    }

    private static string Arguments(Tool tool, ulong key) =>
        SchemaSample.Of(tool.Parameters.ValueKind == JsonValueKind.Object ? tool.Parameters : s_noParameters, key);

    /// <summary>Like vLLM's ids; the same request gets the same ones.</summary>
    private static string Id(ulong key, int call) => string.Create(CultureInfo.InvariantCulture, $"chatcmpl-tool-{TextKey.Mix(key ^ (ulong)(call + 1)):x16}");

    private static void Append(MemoryStream text, string piece) => text.Write(Encoding.UTF8.GetBytes(piece));
}
