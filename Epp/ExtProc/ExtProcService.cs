using LlmdAspire.Epp.Decisions;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Grpc;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>Answers Envoy's external processing service: one stream is one HTTP exchange.</summary>
internal sealed class ExtProcService(
    RequestPicker picker, CurrentScheduler scheduler, DecisionLog decisions, EppMetrics metrics, ByteBudget budget, EppFlags flags, TimeProvider clock)
{
    public RequestPicker Picker => picker;

    public CurrentScheduler Scheduler => scheduler;

    public DecisionLog Decisions => decisions;

    public EppMetrics Metrics => metrics;

    public ByteBudget Budget => budget;

    public EppFlags Flags => flags;

    public TimeProvider Clock => clock;

    public async Task ProcessAsync(IGrpcReader<ProcessingRequest> reader, IGrpcWriter<ProcessingResponse> writer, GrpcServerCall call)
    {
        metrics.StreamOpened();
        var from = clock.GetTimestamp();
        var code = "Unknown";
        using var exchange = new Exchange(this, writer, call.CancellationToken);
        try
        {
            while (await reader.MoveNextAsync(call.CancellationToken) && await exchange.AnswerAsync(reader.Current))
            {
            }

            code = "OK";
        }
        catch (GrpcException failed)
        {
            // In Go's spelling, as boards have it.
            code = failed.Status.Code == GrpcStatusCode.Cancelled ? "Canceled" : failed.Status.Code.ToString();
            throw;
        }
        catch (Exception left) when (left is OperationCanceledException or IOException)
        {
            code = "Canceled";
            throw;
        }
        finally
        {
            metrics.StreamClosed(code, clock.GetElapsedTime(from));
        }
    }
}
