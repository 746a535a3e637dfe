namespace LlmdAspire.Simulator.Http;

/// <summary>When a request's head was read. The engine counts from there, so that what this program does with a request passes within the time that a real engine's server would take.</summary>
internal static class RequestArrival
{
    private static readonly object s_key = new();

    public static void Note(HttpContext context, TimeProvider time) => context.Items[s_key] = time.GetTimestamp();

    public static long? Of(HttpContext context) => context.Items[s_key] as long?;
}
