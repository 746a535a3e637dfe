using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router;

/// <summary>Puts together a request's way from its arrival to its last byte, the same in both modes; who plans it is the mode's.</summary>
internal static class RequestPathParts
{
    /// <param name="connections">To the engines that answer clients.</param>
    /// <param name="prefills">To the engines that compute prompts, where other rules hold for them.</param>
    public static IServiceCollection AddRequestPath(
        this IServiceCollection services, RequestPathOptions options, Func<SocketsHttpHandler> connections, Func<SocketsHttpHandler>? prefills = null)
    {
        var time = TimeProvider.System;
        var metrics = new RouterMetrics();
        var pool = new WorkerPool(options.Breaker, options.RankSizes, time, WorkerAddress.Resolve, metrics);
        var gate = new AdmissionGate(options.Admission, time);
        var budget = new ByteBudget(options.MaxBufferedBytes);
        metrics.Observe(pool, options.Policies, () => gate.Waiting, () => budget.Used);

        // Factories, so that the container disposes what it hands out.
        return services
            .AddHttpForwarder()
            .AddSingleton(time)
            .AddSingleton(_ => metrics)
            .AddSingleton(_ => gate)
            .AddSingleton(pool)
            .AddSingleton(budget)
            .AddSingleton(options.Forwarding)
            .AddSingleton(options.Retry)
            .AddSingleton(new RequestIds(options.RequestIdHeaders))
            .AddSingleton(new BodyReader(options.MaxPayloadBytes, budget))
            .AddSingleton(options.Policies)
            .AddSingleton(options.Disaggregation)
            .AddSingleton(_ => connections())
            .AddSingleton(provider => prefills is null
                ? new HttpMessageInvoker(provider.GetRequiredService<SocketsHttpHandler>(), disposeHandler: false)
                : new HttpMessageInvoker(prefills()))
            .AddSingleton<WorkerSelector>()
            .AddSingleton<ServedModels>()
            .AddSingleton<InFlightRequests>()
            .AddSingleton<RequestJournal>()
            .AddSingleton<IEngineForwarder, YarpEngineForwarder>()
            .AddSingleton<RetryPause>()
            .AddSingleton<AttemptReport>()
            .AddSingleton<PrefillCall>()
            .AddSingleton<PrefillStage>()
            .AddSingleton<AttemptLoop>()
            .AddSingleton<RequestPipeline>();
    }
}
