using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>grpc.health.v1 over a table of statuses.</summary>
public static class HealthService
{
    /// <summary>Adds Check and Watch.</summary>
    /// <param name="answersUnknownNames">Check answers SERVICE_UNKNOWN for a name that is not in the table, as llm-d's picker does, instead of failing with NOT_FOUND.</param>
    /// <param name="stopping">Ends watches, so that they do not hold up a drain: usually <c>IHostApplicationLifetime.ApplicationStopping</c>.</param>
    public static GrpcMethods AddHealth(this GrpcMethods methods, HealthStatuses statuses, bool answersUnknownNames = false, CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(statuses);
        return methods
            .AddUnary(HealthCheck.Check, (request, _) =>
            {
                var status = statuses[request.Service];
                return status != ServingStatus.ServiceUnknown || answersUnknownNames
                    ? ValueTask.FromResult(new HealthCheckResponse(status))
                    : throw new GrpcException(GrpcStatusCode.NotFound, $"'{request.Service}' is not a service whose health is known here.");
            })
            .AddServerStreaming(HealthCheck.Watch, (request, writer, call) => WatchAsync(statuses, request.Service, writer, call, stopping));
    }

    private static async Task WatchAsync(HealthStatuses statuses, string service, IGrpcWriter<HealthCheckResponse> writer, GrpcServerCall call, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stopping);
        ServingStatus? sent = null;
        while (true)
        {
            var change = statuses.NextChange;
            var status = statuses[service];
            if (status != sent)
            {
                await writer.WriteAsync(new HealthCheckResponse(status), cancellationToken: call.CancellationToken);
                sent = status;
            }

            try
            {
                await change.WaitAsync(end.Token);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                throw new GrpcException(GrpcStatusCode.Unavailable, "The server is stopping.");
            }
        }
    }
}
