using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Pickers;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Scheduling.Saturation;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Makes the plugins of one configuration, each once and after those it names, and puts them together.</summary>
internal sealed class SchedulerBuilder(ConfigurationDocument document, SchedulerOptions options, ConfigurationMistakes mistakes)
{
    private readonly Dictionary<string, object?> _plugins = new(StringComparer.Ordinal);
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);
    private readonly List<SchedulerProfile> _profiles = [];
    private readonly HashSet<string> _askedProducers = new(StringComparer.Ordinal);

    public SchedulerOptions Options => options;

    public ConfigurationMistakes Mistakes => mistakes;

    public Scheduler? Build()
    {
        AddDefaultProfile();
        // Handlers need the profiles, and profiles need everything else.
        foreach (var plugin in document.Plugins.Where(plugin => !IsHandler(plugin.Type)).ToList())
        {
            _ = Create(plugin.Name);
        }

        BuildProfiles();
        var handler = BuildHandler();
        CheckOtherUses();
        // The default detector is asked about few requests, for which alone nobody needs to scrape engines.
        var readsMetrics = _plugins.Values.Any(plugin => plugin is IReadsEngineMetrics);
        var detector = BuildDetector();
        if (mistakes.Lines.Count > 0 || handler is null || detector is null)
        {
            return null;
        }

        return new Scheduler(_profiles, handler, Producers(), [.. _plugins.Values.OfType<IPickObserver>()], readsMetrics) { Forms = Forms(), Saturation = detector };
    }

    public string UseProducer(string? name, string where)
    {
        var wanted = name ?? (options.PrefixLookup is null ? ApproximatePrefixProducer.Type : PrecisePrefixProducer.Type);
        if (name is not null && !IsDeclared(name) && name is not (ApproximatePrefixProducer.Type or PrecisePrefixProducer.Type))
        {
            mistakes.Add($"{where}: '{name}' is not a declared plugin.");
        }
        else if (Create(Declare(wanted)) is not (null or ApproximatePrefixProducer or PrecisePrefixProducer))
        {
            mistakes.Add($"{where}: '{wanted}' does not produce prefix matches.");
        }

        _ = _askedProducers.Add(wanted);
        return wanted;
    }

    /// <summary>The declared approximate producer, else one with the defaults.</summary>
    public ApproximatePrefixProducer ApproximateFallback()
    {
        var declared = document.Plugins.Find(plugin => plugin.Type == ApproximatePrefixProducer.Type)?.Name;
        return Create(Declare(declared ?? ApproximatePrefixProducer.Type)) as ApproximatePrefixProducer
            ?? new ApproximatePrefixProducer(ApproximatePrefixProducer.Type, new ApproximatePrefixOptions());
    }

    private bool HasProfile(string name) => document.Profiles.Exists(profile => profile.Name == name);

    public SchedulerProfile? Profile(string name, string where)
    {
        if (!HasProfile(name))
        {
            mistakes.Add($"{where} needs a scheduling profile '{name}'; there is none.");
        }

        return _profiles.Find(profile => profile.Name == name);
    }

    public SchedulerProfile? OnlyProfile(string where)
    {
        if (document.Profiles.Count > 1)
        {
            mistakes.Add($"{where} runs one scheduling profile, and there are {document.Profiles.Count}; use disagg-profile-handler.");
        }

        return _profiles.FirstOrDefault();
    }

    public IDisaggregationDecider? Decider(string name, string where)
    {
        if (!IsDeclared(name))
        {
            mistakes.Add($"{where} names the decider '{name}', which is not a declared plugin.");
            return null;
        }

        var plugin = Create(name);
        if (plugin is not (null or IDisaggregationDecider))
        {
            mistakes.Add($"{where} names '{name}', which is not a decider.");
        }

        return plugin as IDisaggregationDecider;
    }

    // An explicit list of parsers gets nothing added, not even the one that lets everything pass.
    private RequestForms Forms()
    {
        var parsers = document.OtherUses
            .Select(use => document.Plugins.Find(plugin => plugin.Name == use.Plugin)?.Type)
            .Where(type => type is not null && PluginCatalog.IsParser(type))
            .ToList();
        return parsers.Count == 0 ? RequestForms.All : parsers.Aggregate(RequestForms.None, (forms, type) => forms | type switch
        {
            "openai-parser" => RequestForms.OpenAi,
            "anthropic-parser" => RequestForms.Anthropic,
            // It reads what the OpenAI parser reads, too.
            "vllmhttp-parser" => RequestForms.VllmHttp | RequestForms.OpenAi,
            _ => RequestForms.Passthrough,
        });
    }

    private static bool IsHandler(string type) => type.EndsWith("-profile-handler", StringComparison.Ordinal);

    private bool IsDeclared(string name) => document.Plugins.Exists(plugin => plugin.Name == name);

    // A producer that is used without being declared has the defaults.
    private string Declare(string name)
    {
        if (!IsDeclared(name))
        {
            document.Plugins.Add(new PluginDeclaration(name, name, null));
        }

        return name;
    }

    private object? Create(string name)
    {
        if (_plugins.TryGetValue(name, out var known))
        {
            return known;
        }

        var declaration = document.Plugins.Find(plugin => plugin.Name == name)!;
        if (!_underWay.Add(name))
        {
            mistakes.Add($"plugin '{name}' needs itself by way of the plugins it names.");
            return null;
        }

        var parameters = new ConfigurationMap(declaration.Parameters, $"plugin '{name}'", mistakes);
        var plugin = PluginCatalog.Create(declaration, new PluginSource(declaration, parameters, this), mistakes);
        _ = _underWay.Remove(name);
        return _plugins[name] = plugin;
    }

    // Plugins without profiles make one profile of every filter, scorer and picker there is.
    private void AddDefaultProfile()
    {
        if (document.Profiles.Count > 0)
        {
            return;
        }

        if (document.Plugins.Count == 0)
        {
            mistakes.Add("there are neither plugins nor scheduling profiles.");
            return;
        }

        var root = new YamlDotNet.RepresentationModel.YamlScalarNode();
        var uses = document.Plugins.ToList()
            .Where(plugin => !IsHandler(plugin.Type) && Create(plugin.Name) is IFilter or IScorer or IPicker)
            .Select(plugin => new PluginUse(root, plugin.Name, null))
            .ToList();
        document.Profiles.Add(new ProfileDeclaration(root, "default", uses));
    }

    private void BuildProfiles()
    {
        foreach (var profile in document.Profiles)
        {
            _profiles.Add(BuildProfile(profile));
        }
    }

    private SchedulerProfile BuildProfile(ProfileDeclaration declaration)
    {
        var filters = new List<IFilter>();
        var scorers = new List<WeightedScorer>();
        IPicker? picker = null;
        foreach (var use in declaration.Plugins)
        {
            if (!IsDeclared(use.Plugin))
            {
                mistakes.Add(use.At, $"scheduling profile '{declaration.Name}' names '{use.Plugin}', which is not a declared plugin.");
                continue;
            }

            switch (Create(use.Plugin))
            {
                case IFilter filter:
                    filters.Add(filter);
                    break;
                case IScorer scorer:
                    scorers.Add(new WeightedScorer(use.Plugin, scorer, use.Weight ?? 1));
                    break;
                case IPicker when picker is not null:
                    mistakes.Add(use.At, $"scheduling profile '{declaration.Name}' has two pickers; keep one.");
                    break;
                case IPicker other:
                    picker = other;
                    break;
                case not null:
                    mistakes.Add(use.At, $"scheduling profile '{declaration.Name}' names '{use.Plugin}', which is neither filter, scorer nor picker.");
                    break;
            }
        }

        return new SchedulerProfile(declaration.Name, filters, scorers, picker ?? new MaxScorePicker(1, options.Random));
    }

    private IProfileHandler? BuildHandler()
    {
        var handlers = document.Plugins.Where(plugin => IsHandler(plugin.Type)).ToList();
        switch (handlers.Count)
        {
            case 0 when _profiles.Count > 1:
                mistakes.Add($"there are {_profiles.Count} scheduling profiles and no profile handler; declare one, for example disagg-profile-handler.");
                return null;
            case 0:
                return _profiles.Count == 1 ? new SingleProfileHandler(_profiles[0]) : null;
            case 1:
                return Create(handlers[0].Name) as IProfileHandler;
            default:
                mistakes.Add($"there are {handlers.Count} profile handlers ({string.Join(", ", handlers.Select(handler => handler.Name))}); keep one.");
                return null;
        }
    }

    private ISaturationDetector? BuildDetector()
    {
        var use = document.SaturationDetector;
        if (use is not null && !IsDeclared(use.Plugin) && use.Plugin != UtilizationDetector.Type)
        {
            mistakes.Add(use.At, $"saturationDetector names '{use.Plugin}', which is not a declared plugin.");
            return null;
        }

        var plugin = Create(Declare(use?.Plugin ?? UtilizationDetector.Type));
        if (plugin is not (null or ISaturationDetector))
        {
            mistakes.Add(use!.At, $"saturationDetector names '{use.Plugin}', which is not a saturation detector.");
        }

        return plugin as ISaturationDetector;
    }

    private void CheckOtherUses()
    {
        foreach (var use in document.OtherUses.Where(use => !IsDeclared(use.Plugin)))
        {
            mistakes.Add(use.At, $"'{use.Plugin}' is not a declared plugin.");
        }
    }

    // Only those whose findings somebody reads; the approximate one that stands in for the index is run by that one.
    private List<IDataProducer> Producers() =>
        [.. _plugins.Where(plugin => _askedProducers.Contains(plugin.Key)).Select(plugin => plugin.Value).OfType<IDataProducer>()];
}
