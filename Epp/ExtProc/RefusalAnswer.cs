using System.Text;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Protocols.ExtProc;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>Writes a refusal as the answer that Envoy gives the client at once.</summary>
internal static class RefusalAnswer
{
    public static ProcessingResponse Of(Refusal refusal)
    {
        var headers = new HeaderMutation();
        if (refusal.DroppedReason is not null)
        {
            _ = headers.Overwrite(HeaderNames.DroppedReason, refusal.DroppedReason);
        }

        return new ProcessingResponse
        {
            Step = ProcessingStep.ImmediateResponse,
            Immediate = new ImmediateResponse { StatusCode = refusal.Status, Headers = headers, Body = Encoding.UTF8.GetBytes(refusal.Text) },
        };
    }
}
