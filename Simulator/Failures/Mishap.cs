using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace LlmdAspire.Simulator.Failures;

/// <summary>Something that happens to an answer on its way.</summary>
/// <param name="AfterTokens">Tokens of a choice that come out before; 0 for none.</param>
internal sealed record Mishap(FailureEffect Effect, int AfterTokens)
{
    /// <summary>Lets it happen; ends by cancellation, once the client has gone.</summary>
    public async Task HappenAsync(HttpContext context)
    {
        switch (Effect)
        {
            case FailureEffect.Reset:
                // Unsent data is thrown away and the peer gets a reset, as when a process dies.
                if (context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
                {
                    socket.LingerState = new LingerOption(true, 0);
                }

                context.Abort();
                break;
            case FailureEffect.Crash:
                Process.GetCurrentProcess().Kill();
                break;
            default:
                break;
        }

        // A stalled engine keeps the connection and says nothing more.
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }
}
