using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Filters;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Pickers;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Saturation;
using LlmdAspire.Scheduling.Scorers;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Every type of plugin that a configuration may name: how it is made, or that it cannot be yet.</summary>
internal static class PluginCatalog
{
    private static readonly Dictionary<string, Func<PluginSource, object?>> s_factories = new(StringComparer.Ordinal)
    {
        ["decode-filter"] = _ => new RoleFilter(EndpointRoles.Decode),
        ["prefill-filter"] = _ => new RoleFilter(EndpointRoles.Prefill),
        ["encode-filter"] = _ => new RoleFilter(EndpointRoles.Encode),
        ["by-label"] = LabelPlugins.ByLabel,
        ["by-label-selector"] = LabelPlugins.Selector,
        ["label-selector-filter"] = LabelPlugins.Selector,

        ["queue-scorer"] = _ => LowestCountScorer.OfWaiting(),
        ["running-requests-size-scorer"] = _ => LowestCountScorer.OfRunning(),
        ["kv-cache-utilization-scorer"] = _ => new KvCacheUtilizationScorer(),
        ["load-aware-scorer"] = source => new LoadAwareScorer(source.Parameters.Whole("threshold", LoadAwareScorer.DefaultThreshold, least: 1)),
        ["active-request-scorer"] = ActiveRequests,
        ["token-load-scorer"] = source => new TokenLoadScorer(
            (long)source.Parameters.Number("queueThresholdTokens", TokenLoadScorer.DefaultThreshold, 1, long.MaxValue), source.PrefixProducer(parameter: null)),
        ["prefix-cache-scorer"] = PrefixPlugins.Scorer,
        ["precise-prefix-cache-scorer"] = PrefixPlugins.PreciseScorer,
        ["no-hit-lru-scorer"] = source => new NoHitLruScorer(source.Parameters.Whole("lruSize", NoHitLruScorer.DefaultCapacity, least: 1), source.PrefixProducer()),
        ["lora-affinity-scorer"] = _ => new LoraAffinityScorer(),
        ["session-affinity-scorer"] = SessionAffinity,

        ["max-score-picker"] = source => new MaxScorePicker(Picks(source), source.Random),
        ["random-picker"] = source => new RandomPicker(Picks(source), source.Random),
        ["weighted-random-picker"] = source => new WeightedRandomPicker(Picks(source), source.Random),

        ["single-profile-handler"] = HandlerPlugins.Single,
        ["data-parallel-profile-handler"] = HandlerPlugins.DataParallel,
        ["disagg-profile-handler"] = HandlerPlugins.Disaggregated,
        ["pd-profile-handler"] = HandlerPlugins.PrefillDecode,
        ["prefix-based-pd-decider"] = HandlerPlugins.PrefixDecider,
        ["always-disagg-pd-decider"] = _ => new AlwaysDecider(),
        ["always-disagg-multimodal-decider"] = _ => new MultimodalDecider(),

        [UtilizationDetector.Type] = SaturationPlugins.Utilization,
        [ConcurrencyDetector.Type] = SaturationPlugins.Concurrency,

        [ApproximatePrefixProducer.Type] = PrefixPlugins.Approximate,
        [PrecisePrefixProducer.Type] = PrefixPlugins.Precise,

        // The KvIndexer counts tokens, and load, endpoints and request forms are the host's business: these say where upstream takes them from.
        ["token-producer"] = source => Implied(source, "modelName", "backend", "estimate", "vllm", "udsTokenizerConfig"),
        ["inflight-load-producer"] = source => Implied(source, "addEstimatedOutputTokens", "outputRatio", "maxEstimatedOutputTokens"),
        ["metrics-data-source"] = source => Implied(source, "scheme", "path", "insecureSkipVerify"),
        ["core-metrics-extractor"] = source => Implied(source),
        ["endpoint-notification-source"] = source => Implied(source),
        ["openai-parser"] = source => Implied(source),
        ["anthropic-parser"] = source => Implied(source),
        ["vllmhttp-parser"] = source => Implied(source),
        ["passthrough-parser"] = source => Implied(source),
    };

    // Known upstream and refused by name here, so that nobody looks for a typing mistake.
    private static readonly HashSet<string> s_later =
    [
        "endpoint-attribute-filter", "prefix-cache-affinity-filter", "session-affinity-filter", "slo-headroom-tier-filter", "topology-affinity-filter", "utilization-filter",
        "header-based-testing-filter",
        "context-length-aware", "latency-scorer", "mm-embeddings-cache-scorer", "endpoint-attribute-scorer", "header-label-affinity-scorer", "topology-affinity-scorer",
        "header-profile-handler", "prefill-header-handler", "disagg-headers-handler",
        "burst-prefix-cache-producer", "p2p-source-producer", "session-id-producer", "mm-embeddings-cache-producer", "predicted-latency-producer",
        "latency-slo-admitter", "probabilistic-admitter", "disaggregatedset-rollout-screener", "agent-identity", "request-attribute-reporter",
        "vllmgrpc-parser", "vertexai-parser", "sglanghttp-parser", "file-discovery", "dcgm-data-source", "dcgm-extractor", "models-data-source", "topology-extractor",
        "global-strict-fairness", "round-robin-fairness", "program-aware-fairness", "fcfs-ordering", "edf-ordering", "slo-deadline-ordering",
        "static-usage-limit-policy", "priority-holdback-policy", "soft-reflective-ceiling-policy",
    ];

    public static bool IsParser(string type) => type.EndsWith("-parser", StringComparison.Ordinal) && (s_factories.ContainsKey(type) || s_later.Contains(type));

    /// <summary>Makes a plugin, or says in one line why not.</summary>
    public static object? Create(PluginDeclaration declaration, PluginSource source, ConfigurationMistakes mistakes)
    {
        if (s_factories.TryGetValue(declaration.Type, out var create))
        {
            var plugin = create(source);
            source.Parameters.End();
            return plugin;
        }

        mistakes.Add(s_later.Contains(declaration.Type) || declaration.Type.StartsWith("multicluster-", StringComparison.Ordinal)
            ? $"plugin type '{declaration.Type}' is not supported yet; remove plugin '{declaration.Name}'."
            : $"plugin type '{declaration.Type}' does not exist; known are {string.Join(", ", s_factories.Keys.Order(StringComparer.Ordinal))}.");
        return null;
    }

    private static int Picks(PluginSource source) => source.Parameters.Whole("maxNumOfEndpoints", 1, least: 1);

    private static ActiveRequestScorer ActiveRequests(PluginSource source)
    {
        source.Parameters.Ignore("requestTimeout");
        return new ActiveRequestScorer(source.Parameters.Whole("idleThreshold", 0), source.Parameters.Number("maxBusyScore", 1, 0, 1));
    }

    private static SessionAffinityScorer SessionAffinity(PluginSource source)
    {
        if (source.Parameters.Text("strategy") is not (null or "encoded_endpoint_header") and var strategy)
        {
            source.Refuse($"strategy is '{strategy}'; only encoded_endpoint_header is supported yet.");
        }

        var profile = source.Parameters.Text("profileName");
        if (profile is not null)
        {
            _ = source.Profile(profile);
        }

        // The name of the header stood at the top before there were strategies.
        var old = source.Parameters.Text("headerName");
        var map = source.Parameters.Map("encodedEndpointHeaderConfig");
        var header = map.Text("header") ?? old ?? SessionToken.Header;
        map.End();
        if (!IsHeaderName(header))
        {
            source.Refuse($"header is '{header}'; it must be the name of a header.");
        }

        return new SessionAffinityScorer(header.ToLowerInvariant(), profile);
    }

    private static bool IsHeaderName(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static ImpliedPlugin Implied(PluginSource source, params ReadOnlySpan<string> parameters)
    {
        source.Parameters.Ignore(parameters);
        return ImpliedPlugin.Instance;
    }
}
