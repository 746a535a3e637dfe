using LlmdAspire.Scheduling.Handlers;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Makes profile handlers and their deciders.</summary>
internal static class HandlerPlugins
{
    public static SingleProfileHandler? Single(PluginSource source) =>
        source.OnlyProfile() is { } profile ? new SingleProfileHandler(profile) : null;

    public static SingleProfileHandler? DataParallel(PluginSource source)
    {
        var port = source.Parameters.Whole("primaryPort", 8000, least: 1);
        return source.OnlyProfile() is { } profile ? new SingleProfileHandler(profile, port) : null;
    }

    public static DisaggregatedProfileHandler? Disaggregated(PluginSource source)
    {
        var parameters = source.Parameters;
        if (parameters.Text("stageOrder") is not (null or "decode-first") and var order)
        {
            source.Refuse($"stageOrder is '{order}'; only decode-first is supported yet.");
        }

        var profiles = parameters.Map("profiles");
        var names = (Decode: profiles.Text("decode") ?? "decode", Prefill: profiles.Text("prefill") ?? "prefill", Encode: profiles.Text("encode") ?? "encode");
        profiles.End();
        var deciders = parameters.Map("deciders");
        var encode = Stage(source, names.Encode, deciders.Text("encode"));
        var prefill = Stage(source, names.Prefill, deciders.Text("prefill"));
        deciders.End();
        return source.Profile(names.Decode) is { } decode ? new DisaggregatedProfileHandler(decode, encode, prefill) : null;
    }

    /// <summary>The deprecated handler of prefill and decode; older files give a threshold in place of a decider.</summary>
    public static DisaggregatedProfileHandler? PrefillDecode(PluginSource source)
    {
        var parameters = source.Parameters;
        var decodeName = parameters.Text("decodeProfile") ?? "decode";
        var prefillName = parameters.Text("prefillProfile") ?? "prefill";
        int? port = parameters.Take("primaryPort") is null ? null : parameters.Whole("primaryPort", 0);
        var hasThreshold = parameters.Take("threshold") is not null;
        var threshold = parameters.Whole("threshold", 0);
        parameters.Ignore("hashBlockSize");
        var deciderName = parameters.Text("deciderPluginName");
        IDisaggregationDecider? decider = hasThreshold && deciderName is null
            ? new PrefixBasedDecider(threshold, 0, source.PrefixProducer(parameter: null))
            : source.Decider(deciderName ?? "prefix-based-pd-decider");
        var decode = source.Profile(decodeName);
        var prefill = source.Profile(prefillName);
        return decode is null || prefill is null || decider is null
            ? null
            : new DisaggregatedProfileHandler(decode, encode: null, new DisaggregationStage(prefill, decider), port is > 0 ? port : null);
    }

    public static PrefixBasedDecider PrefixDecider(PluginSource source) =>
        new(source.Parameters.Whole("nonCachedTokens", 0), source.Parameters.Whole("promptTokens", 0), source.PrefixProducer());

    private static DisaggregationStage? Stage(PluginSource source, string profileName, string? deciderName)
    {
        if (deciderName is null)
        {
            return null;
        }

        var decider = source.Decider(deciderName);
        return source.Profile(profileName) is { } profile && decider is not null ? new DisaggregationStage(profile, decider) : null;
    }
}
