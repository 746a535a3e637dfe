using LlmdAspire.Router.Requests;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Disaggregation;

/// <summary>Says which requests can run in two stages.</summary>
internal static class TwoStages
{
    /// <summary>Paths whose requests generate text.</summary>
    public static IReadOnlyList<string> Paths { get; } = ["/v1/completions", "/v1/chat/completions", "/v1/responses", "/inference/v1/generate"];

    /// <summary>Whether the request generates text from one prompt; the body may still forbid it (<see cref="PrefillBody.EditsFor"/>).</summary>
    public static bool MaySplit(string path, Exchange exchange, bool trustsClientParams)
    {
        if (exchange.Body is not { Length: > 0 })
        {
            return false;
        }

        // A trusted client that brings parameters had the prompt computed elsewhere.
        if (trustsClientParams && exchange.Peek.HasKvTransferParams)
        {
            return false;
        }

        // Several prompts would need several hand-overs.
        return Paths.Contains(path) && (path != "/v1/completions" || exchange.Peek.PromptKind != PromptKind.Other);
    }
}
