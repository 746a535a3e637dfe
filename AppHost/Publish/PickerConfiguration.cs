using System.Globalization;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Writes the picker's EndpointPickerConfig.</summary>
internal static class PickerConfiguration
{
    public const string FileName = "epp.yaml";

    /// <summary>The configuration of a plan.</summary>
    public static string Of(ClusterPlan plan) => plan switch
    {
        { Prefill: null } => Sticky,
        { KeepsSessions: true } => StickyPrefillDecode(plan.PrefillThreshold),
        { HasKvIndexer: true } => IndexedPrefillDecode(plan.PrefillThreshold),
        _ => PrefillDecode(plan.PrefillThreshold),
    };

    // Both the same with prefill engines and without.
    private const string StickyPlugins = """
        - type: decode-filter
        - type: precise-prefix-cache-producer
        - type: prefix-cache-scorer
          parameters:
            prefixMatchInfoProducerName: precise-prefix-cache-producer
        - type: session-affinity-scorer
        - type: queue-scorer
        - type: kv-cache-utilization-scorer
        - type: active-request-scorer
        - type: max-score-picker
        """;

    private const string StickyScorers = """
          - pluginRef: decode-filter
          - pluginRef: prefix-cache-scorer
            weight: 3
          - pluginRef: session-affinity-scorer
            weight: 3
          - pluginRef: queue-scorer
            weight: 1
          - pluginRef: kv-cache-utilization-scorer
            weight: 1
          - pluginRef: active-request-scorer
            weight: 1
          - pluginRef: max-score-picker
        """;

    // The same for everybody.
    private const string PrefillProfile = """
        - name: prefill
          plugins:
          - pluginRef: prefill-filter
          - pluginRef: prefix-cache-scorer
            weight: 2
          - pluginRef: queue-scorer
            weight: 1
          - pluginRef: active-request-scorer
            weight: 1
          - pluginRef: max-score-picker
        """;

    /// <summary>One engine for all of a request: the one that holds most of it, as the index knows, unless it is busy, and the same for the requests of a session.</summary>
    public const string Sticky = $"""
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        {StickyPlugins}
        schedulingProfiles:
        - name: default
          plugins:
        {StickyScorers}

        """;

    /// <summary>The same where other engines prefill long prompts; the session stays where it decodes.</summary>
    /// <param name="threshold">Uncached tokens from which the halves part; 0 for always.</param>
    public static string StickyPrefillDecode(int threshold) =>
        $$"""
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        {{Handler(threshold)}}
        - type: prefill-filter
        {{StickyPlugins}}
        schedulingProfiles:
        {{PrefillProfile}}
        - name: decode
          plugins:
        {{StickyScorers}}
        """;

    /// <summary>Prefill and decode: each half goes to the engine that holds most of the prompt, unless it is busier than the others.</summary>
    /// <param name="threshold">Uncached tokens from which the halves part; 0 for always.</param>
    public static string PrefillDecode(int threshold) =>
        $$"""
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        {{Handler(threshold)}}
        - type: approx-prefix-cache-producer
        - type: prefix-cache-scorer
        - type: queue-scorer
        - type: active-request-scorer
        - type: prefill-filter
        - type: decode-filter
        - type: max-score-picker
        schedulingProfiles:
        {{PrefillProfile}}
        - name: decode
          plugins:
          - pluginRef: decode-filter
          - pluginRef: prefix-cache-scorer
            weight: 2
          - pluginRef: queue-scorer
            weight: 1
          - pluginRef: active-request-scorer
            weight: 1
          - pluginRef: max-score-picker
        """;

    /// <summary>The same where an index knows what each engine holds: what <c>Presets/default-epp.yaml</c> says to a run, with a threshold of choice.</summary>
    /// <param name="threshold">Uncached tokens from which the halves part; 0 for always.</param>
    public static string IndexedPrefillDecode(int threshold) =>
        $$"""
        apiVersion: llm-d.ai/v1alpha1
        kind: EndpointPickerConfig
        plugins:
        {{Handler(threshold)}}
        - type: prefill-filter
        - type: decode-filter
        - type: precise-prefix-cache-producer
        - type: prefix-cache-scorer
          parameters:
            prefixMatchInfoProducerName: precise-prefix-cache-producer
        - type: queue-scorer
        - type: kv-cache-utilization-scorer
        - type: active-request-scorer
        - type: max-score-picker
        schedulingProfiles:
        {{PrefillProfile}}
        - name: decode
          plugins:
          - pluginRef: decode-filter
          - pluginRef: prefix-cache-scorer
            weight: 3
          - pluginRef: queue-scorer
            weight: 1
          - pluginRef: kv-cache-utilization-scorer
            weight: 1
          - pluginRef: active-request-scorer
            weight: 1.5
          - pluginRef: max-score-picker
        """;

    // The decider that takes a threshold never parts the halves at 0.
    private static string Handler(int threshold)
    {
        var decider = threshold == 0 ? "always-disagg-pd-decider" : "prefix-based-pd-decider";
        var parameters = threshold == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"\n  parameters:\n    nonCachedTokens: {threshold}");
        return $"""
            - type: disagg-profile-handler
              parameters:
                deciders:
                  prefill: {decider}
            - type: {decider}{parameters}
            """;
    }
}
