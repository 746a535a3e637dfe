using LlmdAspire.Router.Requests;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Disaggregation;

/// <summary>Says which requests can run in two stages.</summary>
internal static class TwoStages
{
    /// <summary>Whether the request generates text from one prompt; the body may still forbid it (<see cref="PrefillBody.EditsFor"/>).</summary>
    public static bool MaySplit(string path, Exchange exchange, bool trustsClientParams)
    {
        if (exchange.Body is not { Length: > 0 })
        {
            return false;
        }

        // A trusted client that brings parameters had the prompt computed elsewhere.
        if (trustsClientParams && exchange.Peek.KvTransferParams is not null)
        {
            return false;
        }

        return path switch
        {
            "/v1/chat/completions" or "/v1/responses" or "/inference/v1/generate" => true,
            // Several prompts would need several hand-overs.
            "/v1/completions" => exchange.Peek.PromptKind != PromptKind.Other,
            _ => false,
        };
    }
}
