using System.Diagnostics;

namespace LlmdAspire.Epp;

internal static class Telemetry
{
    public static readonly ActivitySource Source = new("LlmdAspire.Epp");
}
