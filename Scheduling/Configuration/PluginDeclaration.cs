using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>A plugin as the file declares it.</summary>
internal sealed record PluginDeclaration(string Name, string Type, YamlNode? Parameters);

/// <summary>A plugin's place in a profile.</summary>
internal sealed record PluginUse(YamlNode At, string Plugin, double? Weight);

/// <summary>A profile as the file declares it.</summary>
internal sealed record ProfileDeclaration(YamlNode At, string Name, IReadOnlyList<PluginUse> Plugins);
