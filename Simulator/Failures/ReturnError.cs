using System.Globalization;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Failures;

/// <summary>The header by which a client orders an error, as in llm-d-inference-sim.</summary>
internal static class ReturnError
{
    private const string Header = "X-Return-Error";

    /// <summary>The error that was ordered; null for none.</summary>
    public static OpenAiError? Of(HttpContext context) => context.Request.Headers[Header].ToString() switch
    {
        "" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) && code is >= 400 and <= 599 =>
            OpenAiError.OfStatus(code, $"Simulated error triggered by X-Return-Error header (code {code})"),
        var text => OpenAiError.BadRequest($"Invalid X-Return-Error header value \"{text}\": must be an integer from 400 to 599"),
    };
}
