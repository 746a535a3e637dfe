using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Configuration;
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
        var pool = new WorkerPool(options.Breaker, options.RankSizes, time, WorkerAddress.Resolve, metrics, options.ForgetLearnedAfter);
        var gate = new AdmissionGate(options.Admission, time);
        var budget = new ByteBudget(options.MaxBufferedBytes);
        var live = new Live<RequestPathOptions>(options);
        metrics.Observe(pool, () => live.Current.Policies, () => gate.Waiting, () => budget.Used);

        // Factories, so that the container disposes what it hands out. Scoped is what belongs to one configuration.
        return services
            .AddHttpForwarder()
            .AddSingleton(time)
            .AddSingleton(_ => metrics)
            .AddSingleton(_ => gate)
            .AddSingleton(pool)
            .AddSingleton(budget)
            .AddSingleton(live)
            .AddSingleton<RequestPathInForce>()
            .AddScoped(provider => provider.GetRequiredService<Live<RequestPathOptions>>().Current)
            .AddScoped(provider => provider.GetRequiredService<RequestPathOptions>().Forwarding)
            .AddScoped(provider => provider.GetRequiredService<RequestPathOptions>().Retry)
            .AddScoped(provider => provider.GetRequiredService<RequestPathOptions>().Policies)
            .AddScoped(provider => provider.GetRequiredService<RequestPathOptions>().Disaggregation)
            .AddScoped(provider => new RequestIds(provider.GetRequiredService<RequestPathOptions>().RequestIdHeaders))
            .AddScoped(provider => new BodyReader(provider.GetRequiredService<RequestPathOptions>().MaxPayloadBytes, budget))
            .AddSingleton(_ => connections())
            .AddSingleton(provider => prefills is null
                ? new HttpMessageInvoker(provider.GetRequiredService<SocketsHttpHandler>(), disposeHandler: false)
                : new HttpMessageInvoker(prefills()))
            .AddSingleton<ServedModels>()
            .AddSingleton<InFlightRequests>()
            .AddSingleton<RequestJournal>()
            .AddSingleton<AttemptReport>()
            .AddScoped<WorkerSelector>()
            .AddScoped<IEngineForwarder, YarpEngineForwarder>()
            .AddScoped<RetryPause>()
            .AddScoped<PrefillCall>()
            .AddScoped<PrefillStage>()
            .AddScoped<AttemptLoop>()
            .AddScoped<RequestPipeline>()
            .AddScoped<RequestPath>();
    }
}
