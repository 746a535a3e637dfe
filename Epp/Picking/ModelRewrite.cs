using System.Text.Encodings.Web;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.Picking;

/// <summary>A request that is served by another model than it names, as a header said.</summary>
/// <param name="From">The model that the client named, and will read in the answer.</param>
/// <param name="To">The model that engines read.</param>
/// <param name="Place">Where its name stands in the body.</param>
internal sealed record ModelRewrite(string From, string To, ByteRange Place)
{
    private const string Header = "x-llm-d-model-name-rewrite";
    private const string OldHeader = "x-gateway-model-name-rewrite";

    /// <summary>Null where no header asks for one, or for what the request names already.</summary>
    public static ModelRewrite? Of(Func<string, string?> header, in RequestPeek peek) =>
        (header(Header) ?? header(OldHeader)) is { Length: > 0 } target && target != peek.Model ? new(peek.Model!, target, peek.ModelValue) : null;

    /// <summary>A model's name as JSON, quotes included.</summary>
    public static byte[] Quote(string model) => [(byte)'"', .. JsonEncodedText.Encode(model, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];
}
