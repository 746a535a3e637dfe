using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>An EndpointPickerConfig as it stands in the file: read strictly, nothing built yet.</summary>
internal sealed class ConfigurationDocument
{
    private static readonly string[] s_versions = ["llm-d.ai/v1alpha1", "llm-d.ai/v1", "inference.networking.x-k8s.io/v1alpha1"];

    // Gates that exist upstream; the value says whether they may be switched on here.
    private static readonly Dictionary<string, bool> s_gates = new(StringComparer.Ordinal)
    {
        ["haPopulateNonLeaderDatastore"] = true,
        ["dataLayer"] = true,
        ["prepareDataPlugins"] = true,
        ["flowControl"] = false,
    };

    // Known upstream and refused by name.
    private static readonly string[] s_flowControl =
    [
        "maxBytes", "maxRequests", "defaultRequestTTL", "noEndpointRequestTTL", "defaultPriorityBand", "defaultNegativePriorityBand", "priorityBands", "usageLimitPolicyPluginRef", "enableEviction",
    ];

    private readonly ConfigurationMistakes _mistakes;

    private ConfigurationDocument(ConfigurationMistakes mistakes) => _mistakes = mistakes;

    /// <summary>Whether the file had the shape of a configuration at all.</summary>
    public bool IsRead { get; private set; }

    public List<PluginDeclaration> Plugins { get; } = [];

    public List<ProfileDeclaration> Profiles { get; } = [];

    /// <summary>Plugins that are named outside of profiles: sources, extractors, parsers.</summary>
    public List<PluginUse> OtherUses { get; } = [];

    /// <summary>The plugin that says how full the pool is; null for the default one.</summary>
    public PluginUse? SaturationDetector { get; private set; }

    public static ConfigurationDocument Read(string yaml, ConfigurationMistakes mistakes)
    {
        var document = new ConfigurationDocument(mistakes);
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            switch (stream.Documents.Count)
            {
                case 0:
                    mistakes.Add("the file is empty; it must hold an EndpointPickerConfig.");
                    break;
                case 1:
                    document.ReadRoot(stream.Documents[0].RootNode);
                    break;
                default:
                    mistakes.Add("the file holds several documents; it must hold one EndpointPickerConfig.");
                    break;
            }
        }
        catch (YamlException e)
        {
            mistakes.Add($"line {e.Start.Line}: not valid YAML: {e.Message.ReplaceLineEndings(" ")}");
        }

        catch (InvalidOperationException)
        {
            // Thrown by the YAML scanner itself for some malformed plain text.
            mistakes.Add("not valid YAML.");
        }

        return document;
    }

    private void ReadRoot(YamlNode node)
    {
        var root = new ConfigurationMap(node, "EndpointPickerConfig", _mistakes);
        if (root.IsEmpty)
        {
            _mistakes.Add(node, "the file must hold an EndpointPickerConfig.");
            return;
        }

        IsRead = true;
        var version = root.Text("apiVersion");
        if (version is null || !s_versions.Contains(version))
        {
            _mistakes.Add($"apiVersion is '{version}'; it must be one of {string.Join(", ", s_versions)}.");
        }

        var kind = root.Text("kind");
        if (kind != "EndpointPickerConfig")
        {
            _mistakes.Add($"kind is '{kind}'; it must be EndpointPickerConfig.");
        }

        root.Ignore("metadata");
        ReadGates(root);
        ReadPlugins(root);
        ReadProfiles(root);
        ReadDataLayer(root.Map("dataLayer"));
        ReadParsers(root);
        ReadFlowControl(root);
        root.End();
    }

    private void ReadGates(ConfigurationMap root)
    {
        foreach (var item in root.Items("featureGates"))
        {
            var text = (item as YamlScalarNode)?.Value ?? "";
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? text : text[..equals];
            if (!s_gates.TryGetValue(name, out var canBeOn))
            {
                _mistakes.Add(item, $"feature gate '{name}' does not exist; known are {string.Join(", ", s_gates.Keys)}.");
            }
            else if (equals >= 0 && text[(equals + 1)..] is not ("true" or "false"))
            {
                _mistakes.Add(item, $"feature gate '{text}' must be {name}=true or {name}=false.");
            }
            else if (!canBeOn && !text.EndsWith("=false", StringComparison.Ordinal))
            {
                _mistakes.Add(item, $"feature gate '{name}' cannot be switched on yet; remove it.");
            }
        }
    }

    private void ReadPlugins(ConfigurationMap root)
    {
        foreach (var item in root.Items("plugins"))
        {
            var map = new ConfigurationMap(item, "a plugin", _mistakes);
            var type = map.Text("type");
            var name = map.Text("name") ?? type;
            var parameters = map.Take("parameters");
            map.End();
            if (string.IsNullOrEmpty(type) || string.IsNullOrEmpty(name))
            {
                _mistakes.Add(item, "a plugin has no type; every plugin needs one.");
            }
            else if (Plugins.Exists(plugin => plugin.Name == name))
            {
                _mistakes.Add(item, $"plugin '{name}' is declared twice; give one of them another name.");
            }
            else
            {
                Plugins.Add(new PluginDeclaration(name, type, parameters));
            }
        }
    }

    private void ReadProfiles(ConfigurationMap root)
    {
        foreach (var item in root.Items("schedulingProfiles"))
        {
            var map = new ConfigurationMap(item, "a scheduling profile", _mistakes);
            var name = map.Text("name");
            if (string.IsNullOrEmpty(name))
            {
                _mistakes.Add(item, "a scheduling profile has no name; every profile needs one.");
                name = "";
            }
            else if (Profiles.Exists(profile => profile.Name == name))
            {
                _mistakes.Add(item, $"scheduling profile '{name}' stands twice; give one of them another name.");
            }

            var uses = map.Items("plugins").Select(use => ReadUse(use, $"scheduling profile '{name}'", takesWeight: true)).OfType<PluginUse>().ToList();
            map.End();
            Profiles.Add(new ProfileDeclaration(item, name, uses));
        }
    }

    private PluginUse? ReadUse(YamlNode node, string where, bool takesWeight = false, Action<ConfigurationMap>? more = null)
    {
        var map = new ConfigurationMap(node, where, _mistakes);
        var plugin = map.Text("pluginRef");
        double? weight = takesWeight && map.Take("weight") is not null ? map.Number("weight", 1, 0, double.MaxValue) : null;
        more?.Invoke(map);
        map.End();
        if (!string.IsNullOrEmpty(plugin))
        {
            return new PluginUse(node, plugin, weight);
        }

        _mistakes.Add(node, $"{where} has an entry without pluginRef.");
        return null;
    }

    private void ReadDataLayer(ConfigurationMap dataLayer)
    {
        dataLayer.Ignore("injectDefaults");
        foreach (var item in dataLayer.Items("sources"))
        {
            AddOther(ReadUse(item, "dataLayer: sources", more: source =>
            {
                foreach (var extractor in source.Items("extractors"))
                {
                    AddOther(ReadUse(extractor, "dataLayer: extractors"));
                }
            }));
        }

        foreach (var name in new[] { "discovery", "peerDiscovery", "crossReplicaSyncerPluginRef", "crossReplicaSyncInterval" })
        {
            if (dataLayer.Take(name) is { } node)
            {
                _mistakes.Add(node, $"dataLayer: {name} is not supported yet; remove it.");
            }
        }

        dataLayer.End();
    }

    private void ReadParsers(ConfigurationMap root)
    {
        if (root.Take("parser") is { } old)
        {
            AddOther(ReadUse(old, "parser"));
        }

        var handler = root.Map("requestHandler");
        foreach (var item in handler.Items("parsers"))
        {
            var use = ReadUse(item, "requestHandler: parsers");
            AddOther(use);
            // A known parser may be used without being declared.
            if (use is not null && PluginCatalog.IsParser(use.Plugin) && !Plugins.Exists(plugin => plugin.Name == use.Plugin))
            {
                Plugins.Add(new PluginDeclaration(use.Plugin, use.Plugin, null));
            }
        }

        handler.End();
    }

    // Of flow control there is the detector, which also stood at the top before.
    private void ReadFlowControl(ConfigurationMap root)
    {
        var flowControl = root.Map("flowControl");
        if ((flowControl.Take("saturationDetector") ?? root.Take("saturationDetector")) is { } detector)
        {
            SaturationDetector = ReadUse(detector, "saturationDetector");
        }

        root.Ignore("saturationDetector");
        foreach (var name in s_flowControl)
        {
            if (flowControl.Take(name) is { } node)
            {
                _mistakes.Add(node, $"flowControl: {name} is not supported yet; remove it.");
            }
        }

        flowControl.End();
    }

    private void AddOther(PluginUse? use)
    {
        if (use is not null)
        {
            OtherUses.Add(use);
        }
    }
}
