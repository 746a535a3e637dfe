using System.Globalization;

namespace LlmdAspire.Router.Policies.Sessions;

/// <summary>How long an idle session stays bound: two hours, or what vllm-router's variable says.</summary>
internal static class SessionExpiry
{
    public const string Variable = "VLLM_ROUTER_SLL_SESSION_EXPIRATION_IN_S";

    public static readonly TimeSpan Default = TimeSpan.FromHours(2);

    /// <summary>Reads the variable.</summary>
    /// <returns>What is wrong with it, as a whole line; null when nothing is.</returns>
    public static string? Read(string? text, out TimeSpan expiry)
    {
        expiry = Default;
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (!int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var seconds) || seconds < 1)
        {
            return $"{Variable} is '{text}'; it must be a number of seconds from 1.";
        }

        expiry = TimeSpan.FromSeconds(seconds);
        return null;
    }
}
