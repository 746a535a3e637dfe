using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>What a plugin is made from: its parameters, and the rest of the configuration.</summary>
internal sealed class PluginSource(PluginDeclaration declaration, ConfigurationMap parameters, SchedulerBuilder builder)
{
    public string Name => declaration.Name;

    public ConfigurationMap Parameters => parameters;

    public Random Random => builder.Options.Random;

    public TimeProvider Clock => builder.Options.Clock;

    public IPrefixLookup? PrefixLookup => builder.Options.PrefixLookup;

    /// <summary>A parameter that is wrong in a way only the plugin knows.</summary>
    public void Refuse(string reason) => builder.Mistakes.Add($"{parameters.Where}: {reason}");

    /// <summary>The producer of prefix matches that a parameter names, else the default one, which then runs too.</summary>
    public string PrefixProducer(string? parameter = "prefixMatchInfoProducerName") =>
        builder.UseProducer(parameter is null ? null : parameters.Text(parameter), parameters.Where);

    public string PreciseProducer() => builder.UseProducer(PrecisePrefixProducer.Type, parameters.Where);

    public ApproximatePrefixProducer ApproximateFallback() => builder.ApproximateFallback();

    public SchedulerProfile? Profile(string name) => builder.Profile(name, parameters.Where);

    public SchedulerProfile? OnlyProfile() => builder.OnlyProfile(parameters.Where);

    public IDisaggregationDecider? Decider(string? name) => name is null ? null : builder.Decider(name, parameters.Where);
}
